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
import type { Unfinished } from './bindings/Unfinished';
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

/** What an attempt begins from that has a form of its own. */
export type Form = Exclude<Purpose, 'provePresence'>;

/** What only the window knows. */
export interface Local {
  /** At a record that cannot be read, the user has chosen to sign in again. */
  signInAgain: boolean;
  /** The pool that the user has chosen to change, as it was then. */
  changing: Connection | null;
  /** Which form the user has turned to. */
  form: Form;
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
  purpose: Purpose;
}

/** The screen of each challenge, by its kind. */
export type ChallengeScreens = {
  [Kind in Challenge['kind']]: Asked & { name: Kind; challenge: Extract<Challenge, { kind: Kind }> };
};
export type ChallengeScreen = ChallengeScreens[Challenge['kind']];

/** What makes an account ready for a sign-in. */
export type Ready = Exclude<Done, 'presenceProved'>;

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
      done: Ready | null;
      ended: Ended | null;
      /** Sign-outs apart from the one that `ended` speaks of. */
      unfinished: Unfinished | null;
      login: string | null;
      storage: Storage;
      /** A record that cannot be read will be replaced. */
      replaces: boolean;
    }
  | { name: 'signUp'; busy: boolean; fault: Fault | null }
  | { name: 'forgotPassword'; busy: boolean; fault: Fault | null }
  | ChallengeScreen
  /** Whoever is signed in is about to be asked who they are. */
  | { name: 'provePresence' }
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
      return { state: 'signedIn', screen: proving(attempt) ?? { name: 'signedIn', session } };
    case 'unavailable': {
      const { cause, asking } = session;
      const replaces = cause === 'corrupt';
      const wanted = replaces && (local.signInAgain || (attempt.state === 'idle' && attempt.fault !== null));
      if (attempt.state === 'idle' && !wanted) {
        return { state: 'unavailable', screen: { name: 'unavailable', cause, asking } };
      }
      return signingIn(attempt, 'unavailable', local, { ...NOTHING_BEFORE, replaces });
    }
    case 'signedOut': {
      if (local.changing !== null && attempt.state === 'idle') {
        return { state: 'connect', screen: { name: 'connect', faults: [], present: local.changing } };
      }
      const { ended, unfinished, login, storage } = session;
      return signingIn(attempt, 'signedOut', local, { ended, unfinished, login, storage, replaces: false });
    }
  }
}

type Before = Pick<Extract<Screen, { name: 'signIn' }>, 'ended' | 'unfinished' | 'login' | 'storage' | 'replaces'>;

const NOTHING_BEFORE: Before = { ended: null, unfinished: null, login: null, storage: 'keychain', replaces: false };

/** What takes the page's place while whoever is signed in proves to be there; the session goes on underneath. */
function proving(attempt: AttemptView): Screen | null {
  if (attempt.state === 'idle' || attempt.purpose !== 'provePresence') return null;
  if (attempt.state === 'deciding' && attempt.challenge === null) return { name: 'provePresence' };
  return conversation(attempt);
}

function signingIn(attempt: AttemptView, idle: State, local: Local, before: Before): Shown {
  switch (attempt.state) {
    case 'idle': {
      const { fault, done } = local.turned ? { fault: null, done: null } : attempt;
      return { state: idle, screen: form(local.form, false, fault, done, before) };
    }
    case 'deciding':
    case 'challenged':
      return { state: attempt.state, screen: conversation(attempt) ?? form(attempt.purpose, true, null, null, before) };
  }
}

/** What the pool asks; nothing while it looks at what the attempt began with. */
function conversation(attempt: Exclude<AttemptView, { state: 'idle' }>): ChallengeScreen | null {
  if (attempt.state === 'deciding') {
    const { challenge, resending, purpose } = attempt;
    return challenge === null ? null : challenged(challenge, { ...UNDECIDED, resending, purpose });
  }
  const { challenge, fault, resent, lapses, canGoBack, resendAt, purpose } = attempt;
  return challenged(challenge, { busy: false, resending: false, fault, resent, lapses, canGoBack, resendAt, purpose });
}

const UNDECIDED: Omit<Asked, 'purpose'> = {
  busy: true,
  resending: false,
  fault: null,
  resent: 0,
  lapses: null,
  canGoBack: false,
  resendAt: null,
};

function form(purpose: Purpose, busy: boolean, fault: Fault | null, done: Done | null, before: Before): Screen {
  if (purpose === 'signUp' || purpose === 'forgotPassword') return { name: purpose, busy, fault };
  return { name: 'signIn', busy, fault, done: done === 'presenceProved' ? null : done, ...before };
}

// TypeScript cannot follow that a challenge and its screen go by the same name.
const challenged = (challenge: Challenge, asked: Asked): ChallengeScreen =>
  ({ name: challenge.kind, challenge, ...asked }) as ChallengeScreen;
