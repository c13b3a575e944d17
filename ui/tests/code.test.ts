import { afterEach, describe, expect, it, vi } from 'vitest';

import { challenged, CODES, deciding } from '../mock/attempts';
import { POLICY, scenes, signedIn, signedOut, snapshotOf } from '../mock/scenes';
import type { Snapshot } from '../src/bindings/Snapshot';
import { codeIn, digitsOf } from '../src/code';
import { meets, rulesOf } from '../src/password';
import { all, click, enter, fake, find, get, open, press, settle, state, text, type, value, type Fake } from './window';

const NOW = Date.now();
const made = scenes(NOW);

async function opened(first: Snapshot | undefined, tag = 'en'): Promise<Fake> {
  if (first === undefined) throw new Error('no such scene');
  const backend = fake(first);
  await open(backend.backend, tag);
  return backend;
}

async function paste(testid: string, pasted: string): Promise<boolean> {
  const event = new Event('paste', { bubbles: true, cancelable: true });
  Object.defineProperty(event, 'clipboardData', { value: { getData: () => pasted } });
  const untouched = get(testid).dispatchEvent(event);
  await settle();
  return !untouched;
}

afterEach(() => void vi.useRealTimers());

describe('the digits of a code', () => {
  it.each([
    ['123456', '123456'],
    [' 123 456 ', '123456'],
    ['123-456', '123456'],
    ['１２３４５６', '123456'],
    ['１２３　４５６', '123456'],
    ['12345678', '12345678'],
    ['', null],
    ['12345a', null],
    ['コード', null],
  ])('of %j are %j', (entered, digits) => expect(digitsOf(entered)).toBe(digits));

  it.each([
    ['Your verification code is 123456.', '123456'],
    ['認証コードは１２３４５６です。', '123456'],
    ['Code: 1234 5678 (valid for 3 minutes)', '12345678'],
    ['123-456', '123456'],
    ['from 111222 to 333444', null],
    ['call 0312345678', null],
    ['no code', null],
  ])('in the message %j are %j', (message, digits) => expect(codeIn(message)).toBe(digits));
});

describe('a code', () => {
  it.each(['authenticator', 'sms', 'email'] as const)('by %s is sent as digits, once', async (method) => {
    const { calls, send } = await opened(made[`code-${method}`]);
    expect(state()).toBe('challenged');
    expect(document.activeElement).toBe(get('code'));
    expect(get('code').getAttribute('autocomplete')).toBe('one-time-code');
    expect(get('code').getAttribute('inputmode')).toBe('numeric');
    await type('code', '１２３ ４５６');
    await enter('code');
    await click('submit-code');
    expect(calls.answerCode).toHaveBeenCalledExactlyOnceWith('123456');
    await send(snapshotOf(signedOut(), deciding(CODES[method])));
    await click('submit-code');
    expect(calls.answerCode).toHaveBeenCalledOnce();
    await send(snapshotOf(signedIn(NOW)));
    expect(state()).toBe('signedIn');
  });

  it('says where it was sent, or which app shows it', async () => {
    await opened(made['code-sms']);
    expect(document.body.textContent).toContain('+*******1234');
    await opened(made['code-email'], 'ja');
    expect(document.body.textContent).toContain('a***@e***');
    await opened(made['code-authenticator']);
    expect(document.body.textContent).toContain('Aiko’s phone');
    expect(find('resend-code')).toBeNull();
  });

  it('is taken out of a message that is pasted whole', async () => {
    const { calls } = await opened(made['code-sms']);
    expect(await paste('code', 'Your code is 654 321. Do not share it.')).toBe(true);
    expect(value('code')).toBe('654321');
    await enter('code');
    expect(calls.answerCode).toHaveBeenCalledExactlyOnceWith('654321');
    expect(await paste('code', 'nothing of the kind')).toBe(false);
  });

  it('that cannot be one is told without asking', async () => {
    const { calls } = await opened(made['code-sms']);
    await click('submit-code');
    expect(text('error')).toBe('Enter the code.');
    await type('code', '12345x');
    await enter('code');
    expect(text('error')).toBe('A code has digits only.');
    expect(document.activeElement).toBe(get('code'));
    expect(calls.answerCode).not.toHaveBeenCalled();
  });

  it.each(['codeWrong', 'codeExpired', 'codeUsed', 'challengeExpired'] as const)(
    'that the pool refuses as %s is told beside it, and stays',
    async (code) => {
      const { send } = await opened(made['code-sms']);
      await type('code', '111111');
      await enter('code');
      await send(snapshotOf(signedOut(), deciding(CODES.sms)));
      await send(
        snapshotOf(signedOut(), challenged(CODES.sms, { fault: { code, detail: null } })),
      );
      expect(get('code').getAttribute('aria-invalid')).toBe('true');
      expect(text('error')).not.toBe('');
      expect(find('banner')).toBeNull();
      expect(value('code')).toBe('111111');
      expect(document.activeElement).toBe(get('code'));
    },
  );

  it('that cannot be asked about now is kept, with the reason above it', async () => {
    await opened(made['code-sms-unreachable']);
    expect(get('code').getAttribute('aria-invalid')).toBe('false');
    expect(text('banner')).toContain('cannot be reached');
  });

  it('is sent again when its time has come, and the next one at another time', async () => {
    vi.useFakeTimers({ now: NOW });
    const at = (ahead: number, resent = 0): Snapshot =>
      snapshotOf(signedOut(), challenged(CODES.sms, { resendAt: NOW + ahead, resent }));
    const { calls, send } = await opened(at(30_000));
    const waits = (): string | null => get('resend-code').getAttribute('aria-disabled');
    expect(text('resend-code')).toContain('Send a new code (in 30 sec)');
    await click('resend-code');
    expect(calls.resendCode).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(29_000);
    await settle();
    expect([waits(), text('resend-code').includes('in 1 sec')]).toEqual(['true', true]);
    await vi.advanceTimersByTimeAsync(1_000);
    await settle();
    expect(waits()).toBe('false');
    await click('resend-code');
    await click('resend-code');
    expect(calls.resendCode).toHaveBeenCalledOnce();
    await send(snapshotOf(signedOut(), deciding(CODES.sms, { resending: true })));
    expect(find('code-resent')).toBeNull();
    await send(at(90_000, 1));
    expect(text('code-resent')).toContain('+*******1234');
    expect(get('code-resent').closest('[role=status]')).not.toBeNull();
    expect(waits()).toBe('true');
    expect(document.activeElement).toBe(get('code'));
  });

  it('that cannot be sent again does not offer it', async () => {
    await opened(snapshotOf(signedOut(), challenged(CODES.email)));
    expect(find('resend-code')).toBeNull();
  });

  it('is given up by Esc and by the button', async () => {
    const { calls } = await opened(made['code-email']);
    await press('Escape');
    await click('cancel');
    expect(calls.cancel).toHaveBeenCalledTimes(2);
  });
});

describe('making ready', () => {
  it('begins with the first letter that is typed, once', async () => {
    const { calls } = await opened(snapshotOf(signedOut()));
    expect(calls.prepare).not.toHaveBeenCalled();
    await type('username', 'a');
    await type('username', 'ai');
    await type('password', 'x');
    expect(calls.prepare).toHaveBeenCalledOnce();
    expect(calls.signIn).not.toHaveBeenCalled();
  });
});

describe('signing out everywhere', () => {
  it('is one of the answers to the question', async () => {
    const { calls, send } = await opened(made['signedIn-due']);
    await click('sign-out');
    await click('sign-out-everywhere');
    await click('sign-out-everywhere');
    expect(calls.signOutEverywhere).toHaveBeenCalledOnce();
    expect(calls.signOut).not.toHaveBeenCalled();
    await send(snapshotOf(signedIn(NOW, { everywhere: { state: 'running' } })));
    expect(get('sign-out-everywhere').getAttribute('aria-disabled')).toBe('true');
    expect(document.body.textContent).toContain('Signing out everywhere…');
    await send(made['signedIn-everywhere-failed'] ?? snapshotOf(signedIn(NOW)));
    expect(get('everywhere-failed').contains(document.activeElement)).toBe(true);
  });

  it('that was not done says why, and leaves the choice', async () => {
    const { calls } = await opened(made['signedIn-everywhere-failed']);
    expect(text('everywhere-failed')).toContain('cannot be reached');
    await click('everywhere-again');
    expect(calls.signOutEverywhere).toHaveBeenCalledOnce();
    await click('confirm-sign-out');
    expect(calls.signOut).toHaveBeenCalledOnce();
  });

  it('that was not done is put away by staying', async () => {
    const { calls, send } = await opened(made['signedIn-everywhere-failed']);
    await click('stay-signed-in');
    expect(calls.cancel).toHaveBeenCalledOnce();
    await send(snapshotOf(signedIn(NOW)));
    expect(find('everywhere-failed')).toBeNull();
    expect(find('sign-out')).not.toBeNull();
  });

  it('is told apart from signing out here', async () => {
    await opened(made['signedOut-byUser-everywhere']);
    expect(text('ended-notice')).toContain('has signed out on every device');
  });
});

describe('what no client can ask the pool', () => {
  it('is not guessed', async () => {
    await opened(made['newPassword']);
    expect(find('password-rules')).toBeNull();
    await opened(made['signedIn-due']);
    expect(find('sign-in-again-by')).toBeNull();
  });

  it('rules for passwords are ticked while typing, and kept before asking', async () => {
    const { calls } = await opened(made['newPassword-policy']);
    const met = (): (string | undefined)[] => [...get('password-rules').querySelectorAll('li')].map((it) => it.dataset['met']);
    expect(met()).toEqual(['false', 'false', 'false', 'false', 'false']);
    await type('new-password', 'abcDEF');
    expect(met()).toEqual(['false', 'true', 'true', 'false', 'false']);
    await type('new-password-repeat', 'abcDEF');
    await type('attribute-name', 'Ben');
    await click('submit-new-password');
    expect(all('error').map((it) => it.textContent)).toEqual(['The password does not meet every rule yet.']);
    expect(calls.answerNewPassword).not.toHaveBeenCalled();
    await type('new-password', 'abcDEF 123');
    expect(met()).toEqual(['true', 'true', 'true', 'true', 'true']);
    await type('new-password-repeat', 'abcDEF 123');
    await click('submit-new-password');
    expect(calls.answerNewPassword).toHaveBeenCalledOnce();
  });

  it.each([
    [' abc', false],
    ['abc ', false],
    ['a c', true],
    ['a-c', true],
    ['a´c', false],
  ])('%j has a symbol: %j', (password, has) => expect(meets(password, { kind: 'symbol' })).toBe(has));

  it('are only those that somebody has said, and none where nobody has', async () => {
    expect(rulesOf({ ...POLICY, minimumLength: null }).map(({ kind }) => kind)).toEqual(['lowercase', 'uppercase', 'number', 'symbol']);
    const nothing = { minimumLength: null, requireLowercase: false, requireUppercase: false, requireNumbers: false, requireSymbols: false };
    expect(rulesOf(nothing)).toEqual([]);
    const asked = made['newPassword'];
    if (asked?.setup.kind !== 'ready') throw new Error('no scene');
    await open(fake({ ...asked, setup: { ...asked.setup, passwordPolicy: nothing } }).backend);
    expect(find('password-rules')).toBeNull();
  });

  it('only the rules that a policy has are shown', () => {
    const rules = rulesOf({ ...POLICY, requireSymbols: false, requireNumbers: false });
    expect(rules.map(({ kind }) => kind)).toEqual(['length', 'lowercase', 'uppercase']);
  });

  it('the end of the session is shown where it is known, and said when it is near', async () => {
    await opened(made['signedIn-again']);
    const at = get('sign-in-again-by').getAttribute('datetime');
    expect(Date.parse(at ?? '')).toBe(NOW - 190 * 60_000 + 30 * 24 * 3600 * 1000);
    expect(document.body.textContent).not.toContain('You will be asked to sign in again');
    await opened(made['signedIn-again-soon']);
    expect(document.body.textContent).toContain('You will be asked to sign in again in 10 min');
  });
});
