import type { AttemptView } from './bindings/AttemptView';
import type { Challenge } from './bindings/Challenge';
import type { Ended } from './bindings/Ended';
import type { Fault } from './bindings/Fault';
import type { SessionView } from './bindings/SessionView';
import type { SettingFault } from './bindings/SettingFault';
import type { Snapshot } from './bindings/Snapshot';
import type { Storage } from './bindings/Storage';
import type { UnavailableCause } from './bindings/UnavailableCause';
import type { Connection } from './connection';

/** The name of what is shown, as the root element's `data-state` carries it. */
export type State =
  | 'restoring'
  | 'unavailable'
  | 'signedOut'
  | 'deciding'
  | 'challenged'
  | 'signedIn'
  | 'connect'
  | 'misconfigured';

/** What only the window knows. */
export interface Local {
  /** At a record that cannot be read, the user has chosen to sign in again. */
  signInAgain: boolean;
  /** The pool that the user has chosen to change, as it was then. */
  changing: Connection | null;
}

export type NewPasswordChallenge = Extract<Challenge, { kind: 'newPassword' }>;
export type CodeChallenge = Extract<Challenge, { kind: 'code' }>;
export type UnsupportedChallenge = Extract<Challenge, { kind: 'unsupported' }>;
export type SignedInView = Extract<SessionView, { state: 'signedIn' }>;

export type Screen =
  | { name: 'restoring' }
  | { name: 'misconfigured'; faults: SettingFault[]; configFile: string | null }
  | {
      name: 'connect';
      /** What was found and cannot be used. */
      faults: SettingFault[];
      /** The pool to be changed; none where there is none yet. */
      present: Connection | null;
    }
  | { name: 'unavailable'; cause: UnavailableCause; asking: boolean }
  | {
      name: 'signIn';
      busy: boolean;
      fault: Fault | null;
      ended: Ended | null;
      login: string | null;
      storage: Storage;
      /** A record that cannot be read will be replaced. */
      replaces: boolean;
    }
  | { name: 'newPassword'; challenge: NewPasswordChallenge; busy: boolean; fault: Fault | null }
  | {
      name: 'code';
      challenge: CodeChallenge;
      busy: boolean;
      /** What is awaited is another code, not a word about the last one. */
      resending: boolean;
      fault: Fault | null;
      resent: number;
    }
  | { name: 'unsupported'; challenge: UnsupportedChallenge }
  | { name: 'signedIn'; session: SignedInView };

export interface Shown {
  state: State;
  screen: Screen;
}

/** Which screen stands for this snapshot; before the first one, the keychain is still being read. */
export function shownFor(snapshot: Snapshot | null, local: Local): Shown {
  if (snapshot === null) return { state: 'restoring', screen: { name: 'restoring' } };
  if (snapshot.setup.kind === 'broken') {
    const { faults, configFile, connectable } = snapshot.setup;
    if (connectable) return { state: 'connect', screen: { name: 'connect', faults, present: null } };
    return { state: 'misconfigured', screen: { name: 'misconfigured', faults, configFile } };
  }
  if (snapshot.view === null) return { state: 'restoring', screen: { name: 'restoring' } };
  const { session, attempt } = snapshot.view;
  switch (session.state) {
    case 'restoring':
      return { state: 'restoring', screen: { name: 'restoring' } };
    case 'signedIn':
      return { state: 'signedIn', screen: { name: 'signedIn', session } };
    case 'unavailable': {
      const { cause, asking } = session;
      const replaces = cause === 'corrupt';
      const wanted = replaces && (local.signInAgain || (attempt.state === 'idle' && attempt.fault !== null));
      if (attempt.state === 'idle' && !wanted) {
        return { state: 'unavailable', screen: { name: 'unavailable', cause, asking } };
      }
      return signingIn(attempt, 'unavailable', { ended: null, login: null, storage: 'keychain', replaces });
    }
    case 'signedOut': {
      if (local.changing !== null && attempt.state === 'idle') {
        return { state: 'connect', screen: { name: 'connect', faults: [], present: local.changing } };
      }
      const { ended, login, storage } = session;
      return signingIn(attempt, 'signedOut', { ended, login, storage, replaces: false });
    }
  }
}

type Before = Pick<Extract<Screen, { name: 'signIn' }>, 'ended' | 'login' | 'storage' | 'replaces'>;

function signingIn(attempt: AttemptView, idle: State, before: Before): Shown {
  switch (attempt.state) {
    case 'idle':
      return { state: idle, screen: { name: 'signIn', busy: false, fault: attempt.fault, ...before } };
    case 'deciding':
      return attempt.challenge === null
        ? { state: 'deciding', screen: { name: 'signIn', busy: true, fault: null, ...before } }
        : { state: 'deciding', screen: challenged(attempt.challenge, true, attempt.resending, null, 0) };
    case 'challenged':
      return { state: 'challenged', screen: challenged(attempt.challenge, false, false, attempt.fault, attempt.resent) };
  }
}

function challenged(
  challenge: Challenge,
  busy: boolean,
  resending: boolean,
  fault: Fault | null,
  resent: number,
): Screen {
  switch (challenge.kind) {
    case 'newPassword':
      return { name: 'newPassword', challenge, busy, fault };
    case 'code':
      return { name: 'code', challenge, busy, resending, fault, resent };
    case 'unsupported':
      return { name: 'unsupported', challenge };
  }
}
