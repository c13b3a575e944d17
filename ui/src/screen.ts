import type { AttemptView } from './bindings/AttemptView';
import type { Challenge } from './bindings/Challenge';
import type { Done } from './bindings/Done';
import type { Ended } from './bindings/Ended';
import type { Fault } from './bindings/Fault';
import type { Lapse } from './bindings/Lapse';
import type { Purpose } from './bindings/Purpose';
import type { SessionView } from './bindings/SessionView';
import type { SettingFault } from './bindings/SettingFault';
import type { Snapshot } from './bindings/Snapshot';
import type { Storage } from './bindings/Storage';
import type { Timestamp } from './bindings/Timestamp';
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
  /** Which form the user has turned to. */
  form: Purpose;
  /** What the last attempt came to was read on another form, and is not told again on this one. */
  turned: boolean;
}

/** The window as it opens. */
export const AT_FIRST: Local = { signInAgain: false, changing: null, form: 'signIn', turned: false };

/** What is known of every challenge alike. */
export interface Asked {
  busy: boolean;
  /** What is awaited is another code, not a word about the last answer. */
  resending: boolean;
  fault: Fault | null;
  resent: number;
  lapses: Lapse | null;
  canGoBack: boolean;
  resendAt: Timestamp | null;
}

/** The screen of each challenge, by its kind. */
export type ChallengeScreens = {
  [Kind in Challenge['kind']]: Asked & { name: Kind; challenge: Extract<Challenge, { kind: Kind }> };
};
export type ChallengeScreen = ChallengeScreens[Challenge['kind']];

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
      /** What there is of a pool that is not whole. */
      begun?: Connection;
    }
  | { name: 'unavailable'; cause: UnavailableCause; asking: boolean }
  | {
      name: 'signIn';
      busy: boolean;
      fault: Fault | null;
      /** What the last attempt has achieved without becoming a sign-in. */
      done: Done | null;
      ended: Ended | null;
      login: string | null;
      storage: Storage;
      /** A record that cannot be read will be replaced. */
      replaces: boolean;
    }
  | { name: 'signUp'; busy: boolean; fault: Fault | null }
  | { name: 'forgotPassword'; busy: boolean; fault: Fault | null }
  | ChallengeScreen
  | { name: 'signedIn'; session: SignedInView };

export interface Shown {
  state: State;
  screen: Screen;
}

/** Which screen stands for this snapshot; before the first one, the keychain is still being read. */
export function shownFor(snapshot: Snapshot | null, local: Local): Shown {
  if (snapshot === null) return { state: 'restoring', screen: { name: 'restoring' } };
  if (snapshot.setup.kind === 'broken') {
    const { faults, configFile, connectable, issuer, clientId } = snapshot.setup;
    const begun = { issuer: issuer ?? '', clientId: clientId ?? '' };
    if (connectable) return { state: 'connect', screen: { name: 'connect', faults, present: null, begun } };
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
      return signingIn(attempt, 'unavailable', local, { ended: null, login: null, storage: 'keychain', replaces });
    }
    case 'signedOut': {
      if (local.changing !== null && attempt.state === 'idle') {
        return { state: 'connect', screen: { name: 'connect', faults: [], present: local.changing } };
      }
      const { ended, login, storage } = session;
      return signingIn(attempt, 'signedOut', local, { ended, login, storage, replaces: false });
    }
  }
}

type Before = Pick<Extract<Screen, { name: 'signIn' }>, 'ended' | 'login' | 'storage' | 'replaces'>;

function signingIn(attempt: AttemptView, idle: State, local: Local, before: Before): Shown {
  switch (attempt.state) {
    case 'idle': {
      const { fault, done } = local.turned ? { fault: null, done: null } : attempt;
      return { state: idle, screen: form(local.form, false, fault, done, before) };
    }
    case 'deciding': {
      const { challenge, purpose, resending } = attempt;
      if (challenge === null) return { state: 'deciding', screen: form(purpose, true, null, null, before) };
      return { state: 'deciding', screen: challenged(challenge, { ...UNDECIDED, resending }) };
    }
    case 'challenged': {
      const { challenge, fault, resent, lapses, canGoBack, resendAt } = attempt;
      const asked: Asked = { busy: false, resending: false, fault, resent, lapses, canGoBack, resendAt };
      return { state: 'challenged', screen: challenged(challenge, asked) };
    }
  }
}

const UNDECIDED: Asked = {
  busy: true,
  resending: false,
  fault: null,
  resent: 0,
  lapses: null,
  canGoBack: false,
  resendAt: null,
};

function form(purpose: Purpose, busy: boolean, fault: Fault | null, done: Done | null, before: Before): Screen {
  if (purpose === 'signIn') return { name: 'signIn', busy, fault, done, ...before };
  return { name: purpose, busy, fault };
}

// TypeScript cannot follow that a challenge and its screen go by the same name.
const challenged = (challenge: Challenge, asked: Asked): ChallengeScreen =>
  ({ name: challenge.kind, challenge, ...asked }) as ChallengeScreen;
