import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { accounts, refused, type Held } from '../mock/account';
import { challenged, CHALLENGES, faultOf, idle } from '../mock/attempts';
import { signedIn, signedOut, snapshotOf } from '../mock/scenes';
import type { Snapshot } from '../src/bindings/Snapshot';
import { click, fake, find, get, open, press, settle, text, type Fake } from './window';

const NOW = Date.now();
const HELD = accounts(NOW);
const offline = refused('unreachable', 'error sending request');

async function opened(page: 'account' | 'security' | 'devices', held: Held = HELD.full, first: Snapshot = snapshotOf(signedIn(NOW))): Promise<Fake> {
  const made = fake(first, held);
  await open(made.backend);
  if (page !== 'account') await click(`go-${page}`);
  await settle();
  return made;
}

const wordsOf = (ids: string | null): string => (ids ?? '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join(' ').trim();
const described = (element: Element): string => wordsOf(element.getAttribute('aria-describedby'));
/** What is heard of the groups around something, the innermost first. */
function groups(testid: string): string[] {
  const heard: string[] = [];
  for (let group = get(testid).closest('[role=group]'); group !== null; group = group.parentElement?.closest('[role=group]') ?? null) {
    heard.push(group.getAttribute('aria-label') ?? wordsOf(group.getAttribute('aria-labelledby')));
  }
  return heard;
}
/** What is read out by itself, without what is empty. */
const statuses = (): string[] =>
  [...document.querySelectorAll('[role=status]')].map(({ textContent }) => textContent.trim()).filter((it) => it !== '');

/** A command that is answered when the test wants it. */
function held<Value>(mock: { mockImplementationOnce: (made: () => Promise<Value>) => unknown }, value: Value): () => void {
  let answer = (): void => {};
  mock.mockImplementationOnce(() => new Promise((resolve) => (answer = () => resolve(value))));
  return () => answer();
}

beforeEach(() => localStorage.clear());
afterEach(() => {
  document.title = 'Cognito Desktop';
});

describe('whoever hears the window and does not see it', () => {
  it.each([
    ['security', 'turn-off-authenticator', 'confirm-turn-off', ['will not ask for it any more', 'sign in once more']],
    ['security', 'delete-passkey-pk1', 'confirm-delete', ['no longer sign in with it']],
    ['devices', 'forget-here', 'confirm-forget', ['This is the device you are using', 'asks for your second factor']],
    ['account', 'sign-out', 'confirm-sign-out', ['Sign out?', '“Everywhere” ends your sessions']],
  ] as const)('hears on %s, after %s, what comes of it', async (page, button, confirm, words) => {
    await opened(page);
    await click(button);
    expect(document.activeElement).toBe(get(confirm));
    for (const word of words) expect(described(get(confirm))).toContain(word);
  });

  it('hears of which row a button is', async () => {
    await opened('devices');
    expect([groups('forget-phone'), groups('forget-here'), groups('end-session-sso1')]).toEqual([['Pixel 9'], ['aiko-laptop'], ['Firefox on Windows']]);
    await click('go-security');
    await settle();
    expect([groups('turn-off-sms'), groups('delete-passkey-pk1')]).toEqual([['Text message'], ['iCloud Keychain']]);
    await opened('account', HELD.unverified);
    expect(['verify-email', 'verify-phone_number'].map((it) => get(it).getAttribute('aria-label'))).toEqual(['Verify: E-mail', 'Verify: Phone number']);
  });

  it('hears what a code is for before it is entered', async () => {
    await opened('account', HELD.unverified);
    await click('verify-email');
    await settle();
    const form = get('code').closest('form');
    expect(form?.getAttribute('aria-label')).toBe('E-mail: one code to go');
    expect(form === null ? '' : described(form)).toContain('by e-mail to a***@e***');
  });

  it('hears what a screen asks, with the focus at its field', async () => {
    await open(fake(snapshotOf(signedIn(NOW), challenged(CHALLENGES.password, { purpose: 'provePresence' }))).backend);
    const main = get('password').closest('main');
    expect(document.activeElement).toBe(get('password'));
    expect([wordsOf(main?.getAttribute('aria-labelledby') ?? null), main === null ? '' : described(main)]).toEqual(['Confirm that it is you', 'You are signed in as aiko. Enter your password to go on.']);
    await open(fake(snapshotOf(signedOut())).backend);
    const other = get('username').closest('main');
    expect([wordsOf(other?.getAttribute('aria-labelledby') ?? null), other?.hasAttribute('aria-describedby')]).toEqual(['Sign in', false]);
  });

  it('hears what is under way where only a button shows it', async () => {
    const { calls } = await opened('security');
    const turned = held(calls.enableSecondFactor, undefined);
    await click('turn-on-email');
    expect(statuses()).toContain('Turning on…');
    turned();
    await settle();
    expect(statuses()).toEqual(['E-mail: turned on.']);
    await click('go-devices');
    await settle();
    const ended = held(calls.revokeSession, undefined);
    await click('end-session-sso1');
    expect(statuses()).toContain('Ending…');
    ended();
    await settle();
    expect(statuses().join()).toMatch(/^The session is ended\./u);
  });

  it('hears that a device is being told about', async () => {
    const { send } = await opened('devices', HELD.full, snapshotOf(signedIn(NOW, { device: { state: 'notRemembered' } })));
    await click('remember-this');
    expect(statuses()).toContain('Saving…');
    await send(snapshotOf(signedIn(NOW, { device: { state: 'remembered' } })));
    await settle();
    expect(statuses()).not.toContain('Saving…');
  });
});

describe('the name of a detail', () => {
  it('is the same in its row, in its field, and in what is told of it', async () => {
    await opened('account');
    await click('edit-name');
    const label = document.querySelector(`label[for="${get('value-name').id}"]`);
    expect(label?.textContent).toBe('Name');
    await click('save-attribute');
    await click('edit-email');
    await click('delete-attribute');
    expect(document.body.textContent).toContain('Remove “E-mail”?');
  });
});

describe('the focus', () => {
  it('is at the heading once what could not be loaded is there, and hears that it is not', async () => {
    const made = fake(snapshotOf(signedIn(NOW)));
    for (const command of ['account', 'passkeys'] as const) made.calls[command].mockRejectedValue(offline);
    await open(made.backend);
    await click('go-security');
    await settle();
    get('load-again').focus();
    await click('load-again');
    await settle();
    expect([document.activeElement, text('load-again-heard')]).toEqual([get('load-again'), 'This could not be loaded.']);
    made.calls.account.mockResolvedValue(HELD.full.account);
    made.calls.passkeys.mockResolvedValue(HELD.full.passkeys);
    await click('load-again');
    expect(statuses()).not.toContain('This could not be loaded.');
    await settle();
    expect([find('not-loaded'), document.activeElement]).toEqual([null, get('page-title')]);
  });

  it('stays where it is when the network brings what could not be loaded', async () => {
    const made = fake(snapshotOf(signedIn(NOW)));
    for (const command of ['account', 'passkeys'] as const) made.calls[command].mockRejectedValue(offline);
    await open(made.backend);
    await click('go-security');
    await settle();
    await click('load-again');
    await settle();
    made.calls.account.mockResolvedValue(HELD.full.account);
    made.calls.passkeys.mockResolvedValue(HELD.full.passkeys);
    get('go-devices').focus();
    window.dispatchEvent(new Event('online'));
    await settle();
    expect([find('not-loaded'), document.activeElement]).toEqual([null, get('go-devices')]);
  });

  it('is at the code once there is a secret', async () => {
    const { calls } = await opened('security', HELD.passwordless);
    calls.beginAuthenticator.mockRejectedValueOnce(offline);
    await click('set-up-authenticator');
    await settle();
    calls.beginAuthenticator.mockRejectedValueOnce(offline);
    get('secret-again').focus();
    await click('secret-again');
    await settle();
    expect(document.activeElement).toBe(get('secret-again'));
    await click('secret-again');
    await settle();
    expect([find('secret-again'), document.activeElement]).toEqual([null, get('code')]);
  });

  it('is at the code once there is a secret, on the way in as well', async () => {
    const made = fake(snapshotOf(signedOut(), challenged(CHALLENGES.setUpAuthenticator)));
    made.calls.authenticatorSecret.mockRejectedValueOnce(offline);
    await open(made.backend);
    await settle();
    get('secret-again').focus();
    await click('secret-again');
    await settle();
    expect([find('secret-again'), document.activeElement]).toEqual([null, get('code')]);
  });

  it('leads out of the setting up by Esc from anywhere in it', async () => {
    await opened('security', HELD.passwordless);
    await click('set-up-authenticator');
    await settle();
    get('no-camera').focus();
    await press('Escape');
    expect([find('authenticator-panel'), document.activeElement]).toEqual([null, get('set-up-authenticator')]);
  });

  it('is at the heading once what was told is put away', async () => {
    const { send } = await opened('account', HELD.full, snapshotOf(signedIn(NOW, { device: { state: 'asking' } })));
    await click('remember-device');
    await send(snapshotOf(signedIn(NOW, { device: { state: 'remembered' } })));
    await settle();
    get('dismiss-device').focus();
    await click('dismiss-device');
    expect([find('device-told'), document.activeElement]).toEqual([null, get('user-name')]);
    const { send: next } = await opened('security', HELD.full, snapshotOf(signedIn(NOW), idle({ fault: faultOf('unreachable') })));
    get('dismiss-presence').focus();
    await click('dismiss-presence');
    await next(snapshotOf(signedIn(NOW)));
    expect([find('presence-failed'), document.activeElement]).toEqual([null, get('page-title')]);
  });
});
