import type { FaultCode } from './bindings/FaultCode';
import type { Screen } from './screen';

/** The screens on which something is answered. */
export type Asking = Exclude<
  Screen['name'],
  'restoring' | 'misconfigured' | 'connect' | 'unavailable' | 'unsupported' | 'provePresence' | 'signedIn'
>;

type Places = Partial<Record<FaultCode, string>>;

const PASSWORD: Places = { passwordRejected: 'password', passwordReused: 'password' };
const CODE: Places = { codeWrong: 'code', codeExpired: 'code', codeUsed: 'code', challengeExpired: 'code' };

/** The field that has caused a fault, where one has. An attribute has its name after a colon. */
const PLACES: Record<Asking, Places> = {
  signIn: {
    wrongCredentials: 'password',
    tooManyAttempts: 'password',
    passwordResetRequired: 'password',
    userDisabled: 'username',
    userNotConfirmed: 'username',
    cannotResetPassword: 'username',
  },
  signUp: { ...PASSWORD, usernameTaken: 'username', aliasTaken: ':', attributeRejected: ':', parameterRejected: ':' },
  forgotPassword: {
    wrongCredentials: 'username',
    userGone: 'username',
    userDisabled: 'username',
    userNotConfirmed: 'username',
    cannotResetPassword: 'username',
  },
  newPassword: { ...PASSWORD, attributeRejected: ':', aliasTaken: ':' },
  code: CODE,
  chooseWay: {},
  password: { wrongCredentials: 'password', tooManyAttempts: 'password', challengeExpired: 'password' },
  chooseSecondFactor: {},
  chooseSetUp: {},
  setUpAuthenticator: { ...CODE, authenticatorCodeWrong: 'code' },
  setUpEmail: { attributeRejected: 'email', aliasTaken: 'email', challengeExpired: 'email' },
  custom: { customAnswerWrong: 'answer', challengeExpired: 'answer' },
  confirmAccount: CODE,
  resetPassword: { ...CODE, ...PASSWORD },
  // The card says so by itself, and has the link to copy.
  browser: { browserNotOpened: 'copy' },
};

/** Where on a screen a fault is told: at a field, or above them all. `:` stands for whichever attribute it is. */
export const placeOf = (screen: Asking, code: FaultCode): string => PLACES[screen][code] ?? 'form';

/** Codes whose own words say too little without the pool's. */
const DETAIL_MATTERS: ReadonlySet<FaultCode> = new Set([
  'refusedByRule',
  'attributeRejected',
  'passwordRejected',
  'signUpNotAllowed',
]);

export const opensDetail = (code: FaultCode): boolean => DETAIL_MATTERS.has(code);
