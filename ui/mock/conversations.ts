import type { Challenge } from '../src/bindings/Challenge';
import type { Setup } from '../src/bindings/Setup';
import type { Snapshot } from '../src/bindings/Snapshot';
import { ATTRIBUTES, challenged, CHALLENGES, CODES, deciding, faultOf, idle } from './attempts';
import { POLICY, signedIn, signedOut, snapshotOf } from './scenes';

const MINUTE = 60_000;
const DETAIL = 'The words of the pool itself.';

/** Every question that a pool can ask before it signs somebody in, and every form that an attempt begins from. */
export function conversations(now: number): Record<string, Snapshot> {
  const made: Record<string, Snapshot> = {};
  const of = (attempt: Parameters<typeof snapshotOf>[1], setup: Partial<Extract<Setup, { kind: 'ready' }>> = {}): Snapshot =>
    snapshotOf(signedOut(), attempt, setup);
  const lapses = { at: now + 170_000, exact: false };
  const resendAt = now + 25_000;

  made['signedOut-accountConfirmed'] = snapshotOf(signedOut({ login: 'aiko' }), idle({ done: 'accountConfirmed' }));
  made['signedOut-passwordReset'] = snapshotOf(signedOut({ login: 'aiko' }), idle({ done: 'passwordReset' }));
  for (const flow of ['USER_AUTH', 'CUSTOM_AUTH', 'USER_SRP_AUTH'] as const) {
    made[`signedOut-${flow}`] = of(idle(), { authFlow: flow });
  }
  made['signUp-deciding'] = of(deciding(null, { purpose: 'signUp' }), { signUpAttributes: ['email'] });
  made['forgotPassword-deciding'] = of(deciding(null, { purpose: 'forgotPassword' }));

  const newPassword = (...missingAttributes: string[]): Challenge => ({ kind: 'newPassword', username: 'ben', missingAttributes });
  made['newPassword'] = of(challenged(newPassword()));
  made['newPassword-attributes'] = of(challenged(newPassword('name', 'birthdate', 'phone_number', 'custom:department')));
  made['newPassword-everything'] = of(challenged(newPassword(...ATTRIBUTES)));
  made['newPassword-deciding'] = of(deciding(newPassword('name')));
  for (const code of ['passwordRejected', 'passwordReused', 'attributeRejected', 'aliasTaken', 'challengeExpired', 'unreachable'] as const) {
    made[`newPassword-${code}`] = of(challenged(newPassword('name'), { fault: faultOf(code, DETAIL) }));
  }
  made['newPassword-policy'] = of(challenged(newPassword('name'), { lapses }), { passwordPolicy: POLICY });

  for (const [name, challenge] of Object.entries(CODES)) {
    const more = { lapses, resendAt: name === 'authenticator' ? null : resendAt };
    made[`code-${name}`] = of(challenged(challenge, more));
    made[`code-${name}-deciding`] = of(deciding(challenge));
    for (const code of ['codeWrong', 'codeExpired', 'codeUsed', 'challengeExpired', 'unreachable'] as const) {
      made[`code-${name}-${code}`] = of(challenged(challenge, { ...more, fault: faultOf(code, DETAIL) }));
    }
  }
  for (const name of ['sms', 'email'] as const) {
    made[`code-${name}-resending`] = of(deciding(CODES[name], { resending: true }));
    made[`code-${name}-resent`] = of(challenged(CODES[name], { lapses, resendAt, resent: 1 }));
    made[`code-${name}-way`] = of(challenged(CODES[name], { lapses, resendAt: now - 1, canGoBack: true }));
  }
  made['code-sms-exact'] = of(challenged(CODES.sms, { lapses: { at: now + 8 * MINUTE, exact: true }, resendAt: now + 9 * MINUTE }));
  made['code-sms-over'] = of(challenged(CODES.sms, { lapses: { at: now - 1, exact: true }, resendAt: now - 1 }));
  made['code-authenticator-over'] = of(challenged(CODES.authenticator, { lapses: { at: now - 1, exact: false } }));

  for (const [name, challenge] of Object.entries(CHALLENGES)) {
    const account = challenge.kind === 'confirmAccount' || challenge.kind === 'resetPassword';
    const more = account ? { resendAt } : { lapses, canGoBack: challenge.kind === 'password' };
    const setup = challenge.kind === 'resetPassword' ? { passwordPolicy: POLICY } : {};
    made[name] = of(challenged(challenge, more), setup);
    made[`${name}-deciding`] = of(deciding(challenge), setup);
    for (const code of ['challengeExpired', 'unreachable'] as const) {
      made[`${name}-${code}`] = of(challenged(challenge, { ...more, fault: faultOf(code, DETAIL) }), setup);
    }
  }
  const faults = {
    chooseWay: ['notTheUsersChoice'],
    password: ['wrongCredentials', 'tooManyAttempts'],
    chooseSecondFactor: ['notTheUsersChoice'],
    chooseSetUp: ['notTheUsersChoice'],
    setUpAuthenticator: ['authenticatorCodeWrong', 'codeWrong'],
    setUpEmail: ['attributeRejected', 'aliasTaken'],
    custom: ['customAnswerWrong'],
    confirmAccount: ['codeWrong', 'codeExpired', 'alreadyConfirmed', 'userNotConfirmed'],
    resetPassword: ['codeWrong', 'codeExpired', 'passwordRejected', 'passwordReused', 'tooManyAttempts', 'passwordResetRequired'],
  } as const;
  for (const [name, codes] of Object.entries(faults)) {
    for (const code of codes) {
      made[`${name}-${code}`] = of(challenged(CHALLENGES[name as keyof typeof faults], { fault: faultOf(code, DETAIL) }));
    }
  }
  made['custom-bare'] = of(challenged({ kind: 'custom', parameters: {} }));
  made['custom-japanese'] = of(
    challenged({ kind: 'custom', parameters: { prompt: '最初に注文されたお茶の名前を、ひらがなで入力してください。' } }),
  );
  made['custom-markup'] = of(challenged({ kind: 'custom', parameters: { prompt: '<img src=x onerror=alert(1)> & <b>bold</b>' } }));

  for (const name of ['MFA_SETUP', 'WEB_AUTHN', 'SOMETHING_NEW']) {
    made[`unsupported-${name}`] = of(challenged({ kind: 'unsupported', name }, { canGoBack: name === 'WEB_AUTHN' }));
  }

  made['signedIn-device-asking'] = snapshotOf(signedIn(now, { device: { state: 'asking' } }));
  made['signedIn-device-remembered'] = snapshotOf(signedIn(now, { device: { state: 'remembered' } }));
  made['signedIn-device-notRemembered'] = snapshotOf(signedIn(now, { device: { state: 'notRemembered' } }));
  made['signedIn-device-failed'] = snapshotOf(signedIn(now, { device: { state: 'failed', fault: faultOf('unreachable', DETAIL) } }));
  return made;
}
