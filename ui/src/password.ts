import type { PasswordPolicy } from './bindings/PasswordPolicy';
import type { Messages } from './messages';

/** One rule of a pool for passwords. */
export type Rule = { kind: 'length'; count: number } | { kind: 'lowercase' | 'uppercase' | 'number' | 'symbol' };

/** Cognito's symbols (Amazon Cognito Developer Guide, "Adding user pool password requirements"). */
const SYMBOLS = '^$*.[]{}()?"!@#%&/\\,><\':;|_~`=+-';

/** The rules of a policy, in the order in which they are shown. */
export function rulesOf(policy: PasswordPolicy): Rule[] {
  const rules: Rule[] = [];
  if (policy.minimumLength !== null) rules.push({ kind: 'length', count: policy.minimumLength });
  if (policy.requireLowercase) rules.push({ kind: 'lowercase' });
  if (policy.requireUppercase) rules.push({ kind: 'uppercase' });
  if (policy.requireNumbers) rules.push({ kind: 'number' });
  if (policy.requireSymbols) rules.push({ kind: 'symbol' });
  return rules;
}

/** Whether a password keeps a rule. A blank counts as a symbol where it is neither first nor last. */
export function meets(password: string, rule: Rule): boolean {
  switch (rule.kind) {
    case 'length':
      return [...password].length >= rule.count;
    case 'lowercase':
      return /[a-z]/u.test(password);
    case 'uppercase':
      return /[A-Z]/u.test(password);
    case 'number':
      return /[0-9]/u.test(password);
    case 'symbol':
      return [...password].some((letter) => SYMBOLS.includes(letter)) || password.trim().includes(' ');
  }
}

/** What is wrong with a new password as it was typed, and at which of its two fields. */
export function newPasswordProblem(
  m: Messages,
  policy: PasswordPolicy | null,
  password: string,
  repeated: string,
): readonly ['password' | 'repeat', string] | null {
  const words = m.newPassword;
  if (password === '') return ['password', words.needPassword];
  if (policy !== null && !rulesOf(policy).every((rule) => meets(password, rule))) return ['password', words.rulesNotMet];
  if (repeated === '') return ['repeat', words.needRepeat];
  return repeated === password ? null : ['repeat', words.different];
}
