import axe from 'axe-core';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { challenged, CHALLENGES, CODES, deciding, faultOf, idle } from '../mock/attempts';
import { AUTHENTICATOR } from '../mock/authenticator';
import { POLICY, scenes, signedIn, signedOut, snapshotOf } from '../mock/scenes';
import type { AttemptView } from '../src/bindings/AttemptView';
import type { Challenge } from '../src/bindings/Challenge';
import type { Setup } from '../src/bindings/Setup';
import type { Snapshot } from '../src/bindings/Snapshot';
import { convert } from './keys';
import { all, click, enter, fake, find, get, open, press, settle, state, text, type, value, type Fake } from './window';

const NOW = Date.now();
const SECRET = '  planted-Sentinel-7 ';
const made = scenes(NOW);

type Ready = Extract<Setup, { kind: 'ready' }>;

const snapshot = (attempt: AttemptView, setup: Partial<Ready> = {}): Snapshot => snapshotOf(signedOut(), attempt, setup);

async function opened(first: Snapshot | undefined, tag = 'en'): Promise<Fake> {
  if (first === undefined) throw new Error('no such scene');
  const backend = fake(first);
  await open(backend.backend, tag);
  return backend;
}

const asking = (challenge: Challenge, tag = 'en', setup: Partial<Ready> = {}): Promise<Fake> =>
  opened(snapshot(challenged(challenge), setup), tag);

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Every question of the pool's, with where the focus begins on its screen. */
const QUESTIONS: [name: string, challenge: Challenge, focus: string][] = [
  ['new password', { kind: 'newPassword', username: 'ben', missingAttributes: ['name'] }, 'new-password'],
  ['code', CODES.sms, 'code'],
  ['choice of ways', CHALLENGES.chooseWay, 'choose-password'],
  ['password', CHALLENGES.password, 'password'],
  ['choice of the second factor', CHALLENGES.chooseSecondFactor, 'choose-authenticator'],
  ['choice of what to set up', CHALLENGES.chooseSetUp, 'choose-authenticator'],
  ['authenticator to set up', CHALLENGES.setUpAuthenticator, 'code'],
  ['e-mail to set up', CHALLENGES.setUpEmail, 'email'],
  ['question of the owner’s', CHALLENGES.custom, 'answer'],
  ['account to confirm', CHALLENGES.confirmAccount, 'code'],
  ['password to reset', CHALLENGES.resetPassword, 'code'],
];

describe.each(QUESTIONS)('the screen for a %s', (_, challenge, focus) => {
  it('begins where the answer is given', async () => {
    await asking(challenge);
    expect(document.activeElement).toBe(get(focus));
  });

  it('is left by Esc and by the button', async () => {
    const { calls } = await asking(challenge);
    await press('Escape');
    await click('cancel');
    expect(calls.cancel).toHaveBeenCalledTimes(2);
    expect(calls.chooseAgain).not.toHaveBeenCalled();
  });

  it('goes one step back where there was a choice, by Esc and by the button', async () => {
    for (const back of [() => press('Escape'), () => click('another-way')]) {
      const { calls } = await opened(snapshot(challenged(challenge, { canGoBack: true })));
      await back();
      expect(calls.chooseAgain).toHaveBeenCalledOnce();
      expect(calls.cancel).not.toHaveBeenCalled();
    }
  });

  it('leaves Enter and Esc to a conversion of the input method', async () => {
    const { calls } = await asking(challenge);
    const form = (get(focus) as HTMLInputElement).form;
    for (const how of ['open', 'webkit'] as const) {
      await convert(focus, 'Escape', how);
      if (form) expect(await convert(focus, 'Enter', how)).toBe(false);
    }
    expect(calls.cancel).not.toHaveBeenCalled();
    const plain = new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true });
    expect(get(focus).dispatchEvent(plain)).toBe(true);
  });

  it('says in a banner what no field has caused, and goes there', async () => {
    const { send } = await asking(challenge);
    await send(snapshot(deciding(challenge)));
    await send(snapshot(challenged(challenge, { fault: faultOf('unreachable') })));
    expect(text('banner')).toContain('cannot be reached');
    expect(document.activeElement).toBe(get('error'));
  });

  it('says that the sign-in was begun again, and asks for no other beginning', async () => {
    await opened(snapshot(challenged(challenge, { fault: faultOf('challengeExpired') })));
    expect(text('error')).not.toContain('Sign in again');
    if (challenge.kind !== 'confirmAccount' && challenge.kind !== 'resetPassword') expect(text('error')).toContain('begun again');
  });

  it('tells how long the pool waits, also while it decides', async () => {
    const lapses = { at: Date.now() + 175_000, exact: false };
    const { send } = await opened(snapshot(challenged(challenge, { lapses })));
    expect(text('time-left')).toBe('Time left: at least 2 min');
    await send(snapshot(deciding(challenge)));
    expect(text('time-left')).toBe('Time left: at least 2 min');
  });
});

describe('the time for an answer', () => {
  it('is exact where it is known, counts seconds near its end, and then says what happens', async () => {
    vi.useFakeTimers({ now: NOW });
    await opened(snapshot(challenged(CODES.sms, { lapses: { at: NOW + 61_000, exact: true } })));
    expect(text('time-left')).toBe('Time left: 61 sec');
    await type('code', '123');
    await vi.advanceTimersByTimeAsync(2_000);
    await settle();
    expect(text('time-left')).toBe('Time left: 59 sec');
    await vi.advanceTimersByTimeAsync(60_000);
    await settle();
    expect(find('time-left')).toBeNull();
    expect(text('time-over')).toMatch(/is over.*begins again by itself.*nothing you typed is lost/u);
    expect(get('time-over').closest('[role=status]')).not.toBeNull();
    expect(value('code')).toBe('123');
  });

  it('stays over when the pool waits no more, and is told no more where it was not over', async () => {
    vi.useFakeTimers({ now: NOW });
    const { send } = await opened(snapshot(challenged(CODES.sms, { lapses: { at: NOW + 5_000, exact: true } })));
    await vi.advanceTimersByTimeAsync(6_000);
    await send(snapshot(challenged(CODES.sms)));
    expect(text('time-over')).toContain('is over');
    await send(snapshot(challenged(CODES.sms, { lapses: { at: NOW + 200_000, exact: true } })));
    expect(find('time-left')).not.toBeNull();
    await send(snapshot(challenged(CODES.sms)));
    expect([find('time-left'), find('time-over')]).toEqual([null, null]);
  });

  it('is not claimed to be over where nobody knows', async () => {
    await opened(made['code-authenticator-over']);
    expect(text('time-over')).toContain('may be over');
  });

  it('is by the pool’s clock', async () => {
    const ahead = snapshot(challenged(CODES.sms, { lapses: { at: Date.now() + 3_600_000 + 175_000, exact: false } }));
    await opened({ ...ahead, view: ahead.view && { ...ahead.view, clockOffsetMs: 3_600_000 } });
    expect(text('time-left')).toBe('Time left: at least 2 min');
  });
});

describe('signing in without a password', () => {
  it('needs the name alone', async () => {
    const { calls, send } = await opened(snapshot(idle()));
    await click('without-password');
    expect(text('error')).toBe('Enter your user name or e-mail address.');
    expect(document.activeElement).toBe(get('username'));
    await type('username', ' aiko ');
    await click('without-password');
    await click('without-password');
    expect(calls.signIn).toHaveBeenCalledExactlyOnceWith('aiko', null);
    await send(snapshot(deciding()));
    expect(get('without-password').getAttribute('aria-disabled')).toBe('true');
  });

  it('comes first where the user chooses the way, and the password is one step away', async () => {
    const { calls } = await opened(made['signedOut-USER_AUTH']);
    expect(find('password')).toBeNull();
    await type('username', 'aiko');
    await click('with-password');
    expect(document.activeElement).toBe(get('password'));
    expect(value('username')).toBe('aiko');
    await type('password', SECRET);
    await enter('password');
    expect(calls.signIn).toHaveBeenCalledExactlyOnceWith('aiko', SECRET);
    const again = await opened(made['signedOut-USER_AUTH']);
    await type('username', 'aiko');
    await enter('username');
    expect(again.calls.signIn).toHaveBeenCalledExactlyOnceWith('aiko', null);
  });

  it('is not offered where the flow needs a password, nor a password where it does not', async () => {
    await opened(made['signedOut-USER_SRP_AUTH']);
    expect([find('without-password'), find('with-password')]).toEqual([null, null]);
    await opened(made['signedOut-CUSTOM_AUTH']);
    expect([find('password'), find('with-password')]).toEqual([null, null]);
  });

  it('tells at the name what would have been told at the password', async () => {
    await opened(snapshot(idle({ fault: faultOf('wrongCredentials') }), { authFlow: 'USER_AUTH' }));
    expect(get('username').getAttribute('aria-invalid')).toBe('true');
    expect(document.activeElement).toBe(get('username'));
  });
});

describe('what was achieved', () => {
  it('is said on the sign-in form', async () => {
    await opened(made['signedOut-accountConfirmed']);
    expect(text('done')).toBe('Your account is confirmed. Sign in now.');
    await opened(made['signedOut-passwordReset'], 'ja');
    expect(text('done')).toContain('新しいパスワードを設定しました。');
  });

  it('is seen after a reset, also where that began from another form', async () => {
    const { send } = await opened(snapshot(idle()));
    await click('forgot-password');
    await send(snapshot(deciding(null, { purpose: 'forgotPassword' })));
    await send(snapshot(challenged(CHALLENGES.resetPassword)));
    await send(snapshot(idle({ done: 'passwordReset' })));
    expect(find('sign-in')).not.toBeNull();
    expect(text('done')).toContain('new password');
  });

  it('that went on into a session leaves the sign-in form for after it', async () => {
    const { send } = await opened(snapshot(idle()));
    await click('forgot-password');
    await send(snapshot(deciding(null, { purpose: 'forgotPassword' })));
    await send(snapshot(challenged(CHALLENGES.resetPassword)));
    await send(snapshot(deciding(null, { purpose: 'forgotPassword' })));
    await send(made['signedIn-due'] as Snapshot);
    await send(snapshot(idle()));
    expect(find('sign-in')).not.toBeNull();
  });
});

describe('turning to another form', () => {
  it('keeps the name, and Esc and the button lead back', async () => {
    const { calls } = await opened(snapshot(idle()));
    await type('username', 'kazuko');
    for (const form of ['create-account', 'forgot-password']) {
      for (const back of [() => press('Escape'), () => click('back')]) {
        await click(form);
        expect(value('username')).toBe('kazuko');
        expect(find('sign-in')).toBeNull();
        await back();
        expect(value('username')).toBe('kazuko');
        expect(find('sign-in')).not.toBeNull();
      }
    }
    expect(calls.cancel).not.toHaveBeenCalled();
  });

  it('puts away what the last attempt came to', async () => {
    const { calls } = await opened(snapshot(idle({ fault: faultOf('wrongCredentials') })));
    await click('create-account');
    expect(find('error')).toBeNull();
    expect(calls.cancel).toHaveBeenCalledOnce();
    await click('back');
    expect(find('error')).toBeNull();
  });

  it('stays with the form that an attempt began from, and with what was typed', async () => {
    const { send } = await opened(snapshot(idle()));
    await click('create-account');
    await type('username', 'kazuko');
    await type('new-password', SECRET);
    await type('new-password-repeat', SECRET);
    await enter('username');
    await send(snapshot(deciding(null, { purpose: 'signUp' })));
    expect(state()).toBe('deciding');
    await send(snapshot(idle({ fault: faultOf('usernameTaken') })));
    expect([value('username'), value('new-password')]).toEqual(['kazuko', SECRET]);
    expect(text('error')).toContain('taken');
    expect(document.activeElement).toBe(get('username'));
  });

  it('leads from a password that is not known to its reset', async () => {
    const { calls, send } = await asking(CHALLENGES.password);
    await click('forgot-password');
    expect(calls.cancel).toHaveBeenCalledOnce();
    await send(snapshot(idle()));
    expect(find('send-reset-code')).not.toBeNull();
  });

  it('is the sign-in form again once a challenge is given up', async () => {
    const { send } = await opened(snapshot(idle()));
    await click('create-account');
    await send(snapshot(deciding(null, { purpose: 'signUp' })));
    await send(snapshot(challenged(CHALLENGES.confirmAccount)));
    await send(snapshot(idle()));
    expect(find('sign-in')).not.toBeNull();
  });

  it('does not wait for an attempt that is under way', async () => {
    const { calls } = await opened(made['signUp-deciding']);
    await press('Escape');
    expect(calls.cancel).toHaveBeenCalledOnce();
    const signingIn = await opened(made['deciding']);
    await click('create-account');
    expect(find('sign-up')).toBeNull();
    expect(signingIn.calls.cancel).not.toHaveBeenCalled();
  });

  it.each(['create-account', 'forgot-password'])('to %s is complete in both languages, and leaves keys to a conversion', async (form) => {
    for (const tag of ['en', 'ja']) {
      await opened(snapshot(idle(), { passwordPolicy: POLICY, signUpAttributes: ['email', 'phone_number', 'custom:department'] }), tag);
      await click(form);
      expect(document.activeElement).toBe(get('username'));
      expect(document.body.textContent).not.toMatch(/undefined|\[object/u);
      const { violations } = await axe.run(document, { rules: { 'color-contrast': { enabled: false } } });
      expect(violations).toEqual([]);
      expect(await convert('username', 'Enter')).toBe(false);
      await convert('username', 'Escape');
      expect(find('sign-in')).toBeNull();
    }
  });
});

describe('creating an account', () => {
  async function signUp(setup: Partial<Ready> = {}): Promise<Fake> {
    const backend = await opened(snapshot(idle(), setup));
    await click('create-account');
    return backend;
  }

  it('sends name, password and attributes, each in its form', async () => {
    const { calls } = await signUp({ signUpAttributes: ['email', 'phone_number', 'name'] });
    await type('username', ' kazuko ');
    await type('new-password', SECRET);
    await type('new-password-repeat', SECRET);
    await type('attribute-email', ' kazuko@example.com ');
    await type('attribute-phone_number', '＋８１ ３-１２３４-５６７８');
    await type('attribute-name', '山田 和子');
    await enter('attribute-name');
    expect(calls.signUp).toHaveBeenCalledExactlyOnceWith('kazuko', SECRET, {
      email: 'kazuko@example.com',
      phone_number: '+81312345678',
      name: '山田 和子',
    });
  });

  it('is checked field by field', async () => {
    const { calls } = await signUp({ signUpAttributes: ['phone_number'], passwordPolicy: POLICY });
    const step = async (message: string, field: string): Promise<void> => {
      await click('sign-up');
      expect(all('error').map((it) => it.textContent)).toEqual([message]);
      expect(document.activeElement).toBe(get(field));
    };
    await step('Enter the name to sign in with.', 'username');
    await type('username', 'kazuko');
    await step('Enter a new password.', 'new-password');
    await type('new-password', 'short');
    await step('The password does not meet every rule yet.', 'new-password');
    await type('new-password', 'Green-Tea-42');
    await step('Repeat the new password.', 'new-password-repeat');
    await type('new-password-repeat', 'Green-Tea-42');
    await step('Phone number is needed.', 'attribute-phone_number');
    await type('attribute-phone_number', '03-1234-5678');
    await step('Enter the number with a plus and the country code, such as +81312345678.', 'attribute-phone_number');
    expect(value('attribute-phone_number')).toBe('03-1234-5678');
    expect(calls.signUp).not.toHaveBeenCalled();
  });

  it('can do without a password, where codes can sign in', async () => {
    const { calls } = await signUp();
    await type('username', 'kazuko');
    await click('turn-password');
    expect(find('new-password')).toBeNull();
    await enter('username');
    expect(calls.signUp).toHaveBeenCalledExactlyOnceWith('kazuko', null, {});
    await signUp({ authFlow: 'USER_SRP_AUTH' });
    expect(find('turn-password')).toBeNull();
  });

  it('asks for what the pool misses, by the pool’s own words, at the field', async () => {
    const { calls, send } = await signUp();
    await type('username', 'kazuko');
    await type('new-password', SECRET);
    await type('new-password-repeat', SECRET);
    await enter('username');
    await send(snapshot(deciding(null, { purpose: 'signUp' })));
    const detail = 'Attributes did not conform to the schema: email: The attribute is required, custom:tea: The attribute is required';
    await send(snapshot(idle({ fault: faultOf('attributeRejected', detail) })));
    expect(document.activeElement).toBe(get('attribute-email'));
    expect(text('error')).toBe(`The pool needs this as well. (${detail})`);
    expect(value('new-password')).toBe(SECRET);
    await type('attribute-email', 'kazuko@example.com');
    await type('attribute-custom:tea', '緑茶');
    await enter('username');
    expect(calls.signUp).toHaveBeenLastCalledWith('kazuko', SECRET, { email: 'kazuko@example.com', 'custom:tea': '緑茶' });
    await send(snapshot(deciding(null, { purpose: 'signUp' })));
    await send(snapshot(idle({ fault: faultOf('unreachable') })));
    expect(value('attribute-email')).toBe('kazuko@example.com');
  });

  it.each([
    ['usernameTaken', null, 'username'],
    ['passwordRejected', 'Password not long enough', 'new-password'],
    ['aliasTaken', 'An account with the given email already exists.', 'attribute-email'],
    ['aliasTaken', null, 'username'],
    ['attributeRejected', 'Invalid email address format.', 'attribute-email'],
  ] as const)('tells %s (%j) at %s', async (code, detail, field) => {
    const { send } = await signUp({ signUpAttributes: ['email', 'name'] });
    await send(snapshot(deciding(null, { purpose: 'signUp' }), { signUpAttributes: ['email', 'name'] }));
    await send(snapshot(idle({ fault: faultOf(code, detail) }), { signUpAttributes: ['email', 'name'] }));
    expect(get(field).getAttribute('aria-invalid')).toBe('true');
    expect(document.activeElement).toBe(get(field));
  });

  it('tells what is no field’s in a banner, with the pool’s words', async () => {
    const { send } = await signUp();
    await send(snapshot(deciding(null, { purpose: 'signUp' })));
    await send(snapshot(idle({ fault: faultOf('signUpNotAllowed', 'SignUp is not permitted for this user pool') })));
    expect(text('banner')).toContain('Ask your administrator');
    expect(get('banner').querySelector('details')?.open).toBe(true);
  });
});

describe('a forgotten password', () => {
  it('needs the name', async () => {
    const { calls } = await opened(snapshot(idle()));
    await click('forgot-password');
    await enter('username');
    expect(text('error')).toBe('Enter your user name or e-mail address.');
    await type('username', ' aiko ');
    await enter('username');
    expect(calls.forgotPassword).toHaveBeenCalledExactlyOnceWith('aiko');
  });

  it.each(['cannotResetPassword', 'wrongCredentials', 'userDisabled'] as const)('that fails with %s says so at the name', async (code) => {
    const { send } = await opened(snapshot(idle()));
    await click('forgot-password');
    await send(snapshot(deciding(null, { purpose: 'forgotPassword' })));
    await send(snapshot(idle({ fault: faultOf(code) })));
    expect(document.activeElement).toBe(get('username'));
    expect(get('username').getAttribute('aria-invalid')).toBe('true');
    expect(text('error')).not.toContain('password is wrong');
  });

  it('is replaced by code and new password, checked in their order', async () => {
    const { calls } = await asking(CHALLENGES.resetPassword, 'en', { passwordPolicy: POLICY });
    await enter('code');
    expect([text('error'), document.activeElement]).toEqual(['Enter the code.', get('code')]);
    await type('code', '１２３ ４５６');
    await type('new-password', 'short');
    await enter('code');
    expect([text('error'), document.activeElement]).toEqual(['The password does not meet every rule yet.', get('new-password')]);
    await type('new-password', ' Green-Tea-42 ');
    await type('new-password-repeat', ' Green-Tea-42 ');
    await enter('new-password-repeat');
    expect(calls.answerReset).toHaveBeenCalledExactlyOnceWith('123456', ' Green-Tea-42 ');
  });

  it.each([
    ['codeWrong', 'code'],
    ['codeExpired', 'code'],
    ['passwordRejected', 'new-password'],
    ['passwordReused', 'new-password'],
  ] as const)('refused as %s is told at %s, and what was typed stays', async (code, field) => {
    const { send } = await asking(CHALLENGES.resetPassword);
    await type('code', '123456');
    await type('new-password', SECRET);
    await send(snapshot(deciding(CHALLENGES.resetPassword)));
    await send(snapshot(challenged(CHALLENGES.resetPassword, { fault: faultOf(code) })));
    expect(get(field).getAttribute('aria-invalid')).toBe('true');
    expect(document.activeElement).toBe(get(field));
    expect([value('code'), value('new-password')]).toEqual(['123456', SECRET]);
  });
});

describe('confirming an account', () => {
  it('sends the digits of the code, and has it sent again', async () => {
    const { calls } = await opened(snapshot(challenged(CHALLENGES.confirmAccount, { resendAt: Date.now() - 1 })));
    expect(document.body.textContent).toContain('k***@e***');
    await type('code', '123 456');
    await enter('code');
    expect(calls.answerCode).toHaveBeenCalledExactlyOnceWith('123456');
    const again = await opened(snapshot(challenged(CHALLENGES.confirmAccount, { resendAt: Date.now() - 1 })));
    await click('resend-code');
    expect(again.calls.resendCode).toHaveBeenCalledOnce();
  });

  it('tells a wrong code at the code', async () => {
    await opened(made['confirmAccount-codeWrong']);
    expect(get('code').getAttribute('aria-invalid')).toBe('true');
  });
});

describe('a sign-in that leads to another conversation', () => {
  it.each([
    ['resetPassword-passwordResetRequired', 'has to be reset', 'Forgot password'],
    ['confirmAccount-userNotConfirmed', 'has to be confirmed', 'Sign in with its name'],
  ])('%s says why, and not to do what is done already', async (scene, words, not) => {
    await opened(made[scene]);
    expect(text('banner')).toContain(words);
    expect(document.body.textContent).not.toContain(not);
    expect(document.activeElement).toBe(get('code'));
  });
});

describe('choosing', () => {
  it('a way asks for it, once', async () => {
    const { calls, send } = await asking(CHALLENGES.chooseWay);
    await click('choose-emailCode');
    await click('choose-smsCode');
    expect(calls.answerWay).toHaveBeenCalledExactlyOnceWith('emailCode');
    await send(snapshot(deciding(CHALLENGES.chooseWay)));
    await click('choose-smsCode');
    expect(calls.answerWay).toHaveBeenCalledOnce();
  });

  it('a passkey is shown with what it needs, and cannot be done here', async () => {
    const { calls } = await asking(CHALLENGES.chooseWay);
    expect(get('choose-passkey').getAttribute('aria-disabled')).toBe('true');
    expect(text('choose-passkey')).toContain('Works in the browser only');
    await click('choose-passkey');
    expect(calls.answerWay).not.toHaveBeenCalled();
  });

  it('a second factor is the same to prove and to set up', async () => {
    for (const challenge of [CHALLENGES.chooseSecondFactor, CHALLENGES.chooseSetUp]) {
      const { calls } = await asking(challenge);
      await click('choose-email');
      expect(calls.answerSecondFactor).toHaveBeenCalledExactlyOnceWith('email');
    }
  });
});

describe('a password that is asked for after choosing', () => {
  it('is sent as it was typed, and stays when it is wrong', async () => {
    const { calls, send } = await asking(CHALLENGES.password);
    await enter('password');
    expect(text('error')).toBe('Enter your password.');
    await type('password', SECRET);
    await enter('password');
    expect(calls.answerPassword).toHaveBeenCalledExactlyOnceWith(SECRET);
    await send(snapshot(deciding(CHALLENGES.password)));
    await send(snapshot(challenged(CHALLENGES.password, { fault: faultOf('wrongCredentials') })));
    expect([value('password'), document.activeElement]).toEqual([SECRET, get('password')]);
  });
});

describe('setting up an authenticator app', () => {
  it('shows the QR code with words for it, and the secret in groups of four', async () => {
    const { calls } = await asking(CHALLENGES.setUpAuthenticator);
    expect(get('qr-code').getAttribute('viewBox')).toBe(`0 0 ${AUTHENTICATOR.qr.size} ${AUTHENTICATOR.qr.size}`);
    expect(get('qr-code').querySelector('path')?.getAttribute('d')).toBe(AUTHENTICATOR.qr.path);
    expect(get('qr-code').getAttribute('aria-label')).toContain('aiko');
    expect(text('secret')).toMatch(/^([A-Z2-7]{4} )+[A-Z2-7]{1,4}$/u);
    expect(text('secret').replaceAll(' ', '')).toBe(AUTHENTICATOR.secret);
    expect(calls.authenticatorSecret).toHaveBeenCalledOnce();
  });

  it('copies the secret whole, and the link', async () => {
    const writeText = vi.fn(async () => {});
    vi.stubGlobal('navigator', { ...navigator, clipboard: { writeText } });
    await asking(CHALLENGES.setUpAuthenticator);
    await click('copy-secret');
    await click('copy-link');
    expect(writeText.mock.calls).toEqual([[AUTHENTICATOR.secret], [AUTHENTICATOR.uri]]);
  });

  it('sends the digits and the name of the device, or none', async () => {
    const { calls } = await asking(CHALLENGES.setUpAuthenticator);
    expect(value('device')).toBe('My phone');
    await type('code', '１２３ ４５６');
    await enter('device');
    expect(calls.answerAuthenticator).toHaveBeenCalledExactlyOnceWith('123456', 'My phone');
    const nameless = await asking(CHALLENGES.setUpAuthenticator, 'ja');
    await type('code', '123456');
    await type('device', ' ');
    await enter('code');
    expect(nameless.calls.answerAuthenticator).toHaveBeenCalledExactlyOnceWith('123456', null);
  });

  it('shows the newest secret after an answer, and says what to do with it', async () => {
    const { calls, send } = await asking(CHALLENGES.setUpAuthenticator);
    await send(snapshot(deciding(CHALLENGES.setUpAuthenticator)));
    calls.authenticatorSecret.mockResolvedValue({ ...AUTHENTICATOR, secret: 'AAAABBBB' });
    await send(snapshot(challenged(CHALLENGES.setUpAuthenticator, { fault: faultOf('challengeExpired') })));
    expect(text('secret')).toBe('AAAA BBBB');
    expect(text('error')).toContain('QR code is a new one');
  });

  it('tells a code that does not fit at the code', async () => {
    await opened(made['setUpAuthenticator-authenticatorCodeWrong']);
    expect(get('code').getAttribute('aria-invalid')).toBe('true');
    expect(document.activeElement).toBe(get('code'));
  });

  it('says when the secret cannot be had, and tries again', async () => {
    const late = fake(snapshot(challenged(CHALLENGES.setUpAuthenticator)));
    late.calls.authenticatorSecret.mockRejectedValueOnce('no');
    await open(late.backend);
    expect(find('qr-code')).toBeNull();
    expect(text('no-secret')).toContain('could not be had');
    await click('secret-again');
    expect(find('qr-code')).not.toBeNull();
  });
});

describe('setting up codes by e-mail', () => {
  it('sends an address in its form, and tells what cannot be one', async () => {
    const { calls } = await asking(CHALLENGES.setUpEmail);
    await type('email', 'aiko');
    await enter('email');
    expect(text('error')).toContain('such as aiko@example.com');
    expect(document.activeElement).toBe(get('email'));
    await type('email', ' aiko＠example.com ');
    await enter('email');
    expect(calls.answerEmail).toHaveBeenCalledExactlyOnceWith('aiko@example.com');
  });

  it('tells an address that the pool refuses at the address', async () => {
    await opened(made['setUpEmail-aliasTaken']);
    expect(get('email').getAttribute('aria-invalid')).toBe('true');
  });
});

describe('a question of the owner’s own', () => {
  it('is shown as text, whatever is in it', async () => {
    await opened(made['custom-markup']);
    expect(text('prompt')).toBe('<img src=x onerror=alert(1)> & <b>bold</b>');
    expect(get('prompt').children).toHaveLength(0);
  });

  it('is answered as it was typed, in any script', async () => {
    const { calls } = await opened(made['custom-japanese'], 'ja');
    await enter('answer');
    expect(text('error')).toBe('答えを入力してください。');
    await type('answer', ' せんちゃ ');
    await enter('answer');
    expect(calls.answerCustom).toHaveBeenCalledExactlyOnceWith(' せんちゃ ');
  });

  it('can be answered in secret', async () => {
    await asking(CHALLENGES.custom);
    expect(get('answer').getAttribute('type')).toBe('text');
    await click('show-answer');
    expect(get('answer').getAttribute('type')).toBe('password');
  });

  it('has an empty field for the next round, and a full one after a failure', async () => {
    const { send } = await asking(CHALLENGES.custom);
    await type('answer', 'sencha');
    await send(snapshot(deciding(CHALLENGES.custom)));
    await send(snapshot(challenged(CHALLENGES.custom, { fault: faultOf('unreachable') })));
    expect(value('answer')).toBe('sencha');
    await send(snapshot(deciding(CHALLENGES.custom)));
    await send(snapshot(challenged({ kind: 'custom', parameters: { question: 'And the last one?' } })));
    expect(value('answer')).toBe('');
    expect(text('prompt')).toBe('And the last one?');
    expect(document.activeElement).toBe(get('answer'));
  });

  it('that is asked once more says that the answer was not it', async () => {
    const { send } = await asking(CHALLENGES.custom);
    expect(text('asked-again')).toBe('');
    await type('answer', 'sencha');
    await enter('answer');
    await send(snapshot(deciding(CHALLENGES.custom)));
    expect(text('asked-again')).toBe('');
    await send(snapshot(challenged(CHALLENGES.custom)));
    expect(text('asked-again')).toContain('not the answer');
    await send(snapshot(deciding(CHALLENGES.custom)));
    await send(snapshot(challenged({ kind: 'custom', parameters: { question: 'And the last one?' } })));
    expect(text('asked-again')).toBe('');
  });
});

describe('a code after another code', () => {
  it('begins with an empty field, by another way and by the same', async () => {
    const { send } = await asking(CODES.email);
    await type('code', '111111');
    await send(snapshot(deciding(CODES.email)));
    await send(snapshot(challenged(CODES.email)));
    expect(value('code')).toBe('');
    await type('code', '222222');
    await send(snapshot(deciding(CODES.email)));
    await send(snapshot(challenged(CODES.authenticator)));
    expect(value('code')).toBe('');
    expect(document.activeElement).toBe(get('code'));
  });

  it('keeps what is typed while another code is sent', async () => {
    const { send } = await asking(CODES.email);
    await type('code', '111');
    await send(snapshot(deciding(CODES.email, { resending: true })));
    await send(snapshot(challenged(CODES.email, { resent: 1 })));
    expect(value('code')).toBe('111');
  });
});

describe('a passkey', () => {
  it('that alone is asked for is told in its own words, with the way back', async () => {
    const { calls } = await opened(made['unsupported-WEB_AUTHN']);
    expect(document.body.textContent).toContain('works in the browser only');
    expect(document.body.textContent).not.toContain('What you have entered is right');
    expect(document.querySelector('[data-testid=continue-in-browser]')).toBeNull();
    await press('Escape');
    expect(calls.chooseAgain).toHaveBeenCalledOnce();
  });

  it('that alone is asked for leads to the browser where people can sign in there', async () => {
    const { calls } = await opened(made['unsupported-WEB_AUTHN-browser']);
    await click('continue-in-browser');
    expect(calls.signInInBrowser).toHaveBeenCalledExactlyOnceWith(null, null);
  });
});

describe('remembering this device', () => {
  it.each([
    ['remember-device', true, 'remembered', 'This device is remembered.'],
    ['forget-device', false, 'notRemembered', 'This device is not remembered.'],
  ] as const)('is answered by %s, once, and the outcome is read', async (button, remember, next, words) => {
    const { calls, send } = await opened(made['signedIn-device-asking']);
    await click(button);
    await click('remember-device');
    expect(calls.rememberDevice).toHaveBeenCalledExactlyOnceWith(remember);
    await send(snapshotOf(signedIn(NOW, { device: { state: next } })));
    expect(text('device-told')).toContain(words);
    expect(get('device-told').contains(document.activeElement)).toBe(true);
    await click('dismiss-device');
    expect(find('device-told')).toBeNull();
    expect(find('device-state')).not.toBeNull();
  });

  it('is only stated where nobody was asked here', async () => {
    await opened(made['signedIn-device-remembered']);
    expect(find('device-told')).toBeNull();
    expect(text('device-state')).toBe('Remembered by the pool');
    await opened(made['signedIn-due']);
    expect([find('device-asking'), find('device-state')]).toEqual([null, null]);
  });

  it('that failed says why, and is tried again', async () => {
    const { calls } = await opened(made['signedIn-device-failed']);
    expect(text('device-failed')).toContain('cannot be reached');
    await click('remember-device');
    expect(calls.rememberDevice).toHaveBeenCalledExactlyOnceWith(true);
  });
});

describe('the demo users', () => {
  const users = Array.from({ length: 25 }, (_, index) => ({
    username: `user${index}`,
    password: index === 7 ? '' : 'Green-Tea-42',
    clientId: index === 8 ? 'devchoice' : 'devdesktop',
    provider: null,
    note: index === 7 ? 'signs in by a code (USER_AUTH)' : 'signs in with the password alone',
  }));

  it('are found by name and by what they are for', async () => {
    const backend = fake(made['development-signedOut'] as Snapshot);
    backend.calls.demoUsers.mockResolvedValue(users);
    await open(backend.backend);
    const shown = (): number => get('demo-strip').querySelectorAll('li').length;
    expect(shown()).toBe(25);
    await type('seek-demo-user', 'user_auth');
    expect(shown()).toBe(1);
    await click('demo-user-user7');
    expect([value('username'), value('password')]).toEqual(['user7', '']);
    await type('seek-demo-user', 'nobody at all');
    expect(shown()).toBe(0);
    expect(text('demo-strip')).toContain('No demo user fits.');
  });

  it('bring their client with them', async () => {
    const before = made['development-signedOut'] as Snapshot;
    const backend = fake(before);
    backend.calls.demoUsers.mockResolvedValue(users);
    await open(backend.backend);
    await click('demo-user-user9');
    expect(backend.calls.chooseDemoClient).not.toHaveBeenCalled();
    const after = { ...before, setup: { ...before.setup, clientId: 'devchoice' } } as Snapshot;
    backend.calls.chooseDemoClient.mockImplementation(async () => void backend.calls.snapshot.mockResolvedValue(after));
    await click('demo-user-user8');
    expect(backend.calls.chooseDemoClient).toHaveBeenCalledExactlyOnceWith('devchoice');
    expect(text('demo-client')).toBe('devchoice');
    expect([value('username'), value('password')]).toEqual(['user8', 'Green-Tea-42']);
    backend.calls.chooseDemoClient.mockRejectedValue('no');
    await click('demo-user-user9');
    expect(text('demo-strip')).toContain('could not be read');
  });

  it('fill the name of a forgotten password, and show the password where it came second', async () => {
    await opened(made['development-signedOut']);
    await click('forgot-password');
    await click('demo-user-aiko');
    expect(value('username')).toBe('aiko');
    await opened(snapshot(idle(), { development: true, authFlow: 'USER_AUTH' }));
    await click('demo-user-aiko');
    expect(value('password')).toBe('Green-Tea-42');
  });
});
