import type { FaultCode } from './bindings/FaultCode';

/** What on the sign-in form has caused a fault, and where it is therefore told. */
export type Place = 'username' | 'password' | 'form';

const AT_SIGN_IN: Partial<Record<FaultCode, Place>> = {
  wrongCredentials: 'password',
  tooManyAttempts: 'password',
  passwordResetRequired: 'password',
  userDisabled: 'username',
  userNotConfirmed: 'username',
};

export const placeAtSignIn = (code: FaultCode): Place => AT_SIGN_IN[code] ?? 'form';

/** The same for the answer to a new-password challenge. */
export type AnswerPlace = 'password' | 'attributes' | 'form';

const AT_NEW_PASSWORD: Partial<Record<FaultCode, AnswerPlace>> = {
  passwordRejected: 'password',
  passwordReused: 'password',
  attributeRejected: 'attributes',
};

export const placeAtNewPassword = (code: FaultCode): AnswerPlace => AT_NEW_PASSWORD[code] ?? 'form';

const AT_CODE: ReadonlySet<FaultCode> = new Set(['codeWrong', 'codeExpired', 'codeUsed', 'challengeExpired']);

/** The same for a code: beside the field, or above the form. */
export const placeAtCode = (code: FaultCode): 'code' | 'form' => (AT_CODE.has(code) ? 'code' : 'form');

/** Codes whose own words say too little without the pool's. */
const DETAIL_MATTERS: ReadonlySet<FaultCode> = new Set(['refusedByRule', 'attributeRejected', 'passwordRejected']);

export const opensDetail = (code: FaultCode): boolean => DETAIL_MATTERS.has(code);
