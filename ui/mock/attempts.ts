import type { AttemptView } from '../src/bindings/AttemptView';
import type { Challenge } from '../src/bindings/Challenge';
import type { Fault } from '../src/bindings/Fault';

type State<Name extends AttemptView['state']> = Extract<AttemptView, { state: Name }>;

/** Attempts by what is remarkable about them. */
export const idle = (given: Partial<State<'idle'>> = {}): State<'idle'> => ({ state: 'idle', fault: null, done: null, ...given });

export const deciding = (challenge: Challenge | null = null, given: Partial<State<'deciding'>> = {}): State<'deciding'> => ({
  state: 'deciding',
  challenge,
  resending: false,
  purpose: 'signIn',
  ...given,
});

export const challenged = (challenge: Challenge, given: Partial<State<'challenged'>> = {}): State<'challenged'> => ({
  state: 'challenged',
  challenge,
  fault: null,
  resent: 0,
  lapses: null,
  canGoBack: false,
  resendAt: null,
  purpose: 'signIn',
  ...given,
});

export const faultOf = (code: Fault['code'], detail: string | null = null): Fault => ({ code, detail });

/** The three ways in which a code comes. */
export const CODES = {
  authenticator: { kind: 'code', method: 'authenticator', destination: null, device: 'Aiko’s phone' },
  sms: { kind: 'code', method: 'sms', destination: '+*******1234', device: null },
  email: { kind: 'code', method: 'email', destination: 'a***@e***', device: null },
} as const satisfies Record<string, Challenge>;

/** Every other question that a pool can ask, by a name. */
export const CHALLENGES = {
  chooseWay: { kind: 'chooseWay', ways: ['password', 'emailCode', 'smsCode', 'passkey'] },
  password: { kind: 'password', username: 'aiko' },
  chooseSecondFactor: { kind: 'chooseSecondFactor', methods: ['authenticator', 'sms', 'email'] },
  chooseSetUp: { kind: 'chooseSetUp', methods: ['authenticator', 'email'] },
  setUpAuthenticator: { kind: 'setUpAuthenticator', account: 'aiko' },
  setUpEmail: { kind: 'setUpEmail' },
  custom: { kind: 'custom', parameters: { question: 'Which of our teas did you order first?', round: '1 of 2' } },
  confirmAccount: { kind: 'confirmAccount', username: 'kazuko', destination: 'k***@e***', method: 'email' },
  resetPassword: { kind: 'resetPassword', username: 'kazuko', destination: '+*******1234', method: 'sms' },
} satisfies Record<string, Challenge>;

/** Every standard attribute, and two of the pool's own. */
export const ATTRIBUTES = [
  'address',
  'birthdate',
  'email',
  'family_name',
  'gender',
  'given_name',
  'locale',
  'middle_name',
  'name',
  'nickname',
  'phone_number',
  'picture',
  'preferred_username',
  'profile',
  'updated_at',
  'website',
  'zoneinfo',
  'custom:department',
  'custom:favourite tea',
];
