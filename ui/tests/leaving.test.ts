import { afterEach, describe, expect, it, vi } from 'vitest';

import { deciding, faultOf, idle } from '../mock/attempts';
import { leftWith } from '../mock/leaving';
import { scenes, signedIn, signedOut, snapshotOf } from '../mock/scenes';
import type { Receipt } from '../src/bindings/Receipt';
import type { Snapshot } from '../src/bindings/Snapshot';
import { click, fake, find, get, open, press, settle, state, text, type, value, type Fake } from './window';

const NOW = Date.UTC(2026, 10, 24, 9, 0, 0);
const MINUTE = 60_000;
const made = scenes(NOW);
const validity = { refreshTokenValidityS: 30 * 24 * 3600 };

async function opened(first: Snapshot | undefined, tag = 'en'): Promise<Fake> {
  if (first === undefined) throw new Error('no such scene');
  vi.useFakeTimers({ now: NOW });
  const made = fake(first);
  await open(made.backend, tag);
  return made;
}

const leaving = (receipt: Partial<Receipt>): Snapshot => snapshotOf(leftWith(NOW, receipt), idle(), validity);

const isOpen = (): boolean => get('receipt-details').getAttribute('aria-expanded') === 'true';

/** Every line with its mark. */
const lines = (): Record<string, string> =>
  Object.fromEntries(
    ['device', 'refresh-token', 'access-token', 'others'].map((name) => {
      const line = get(`receipt-${name}`);
      return [name, `${line.dataset['mark'] ?? ''}: ${text(`receipt-${name}`)}`];
    }),
  );

afterEach(() => void vi.useRealTimers());

describe('the receipt of a sign-out', () => {
  it('says in a sentence that all of it is done, and the rest when asked', async () => {
    await opened(made['signedOut-byUser-revoked-cleared']);
    expect(text('ended-notice')).toMatch(/^Aiko Tanaka has signed out The session has ended on this device and at the user pool\. Details/u);
    expect(isOpen()).toBe(false);
    expect(get('receipt-device').closest('[hidden]')).not.toBeNull();
    await click('receipt-details');
    expect(isOpen()).toBe(true);
    expect(get('receipt-device').closest('[hidden]')).toBeNull();
    expect(document.getElementById(get('receipt-details').getAttribute('aria-controls') ?? '')?.contains(get('receipt-device'))).toBe(true);
    expect(lines()).toEqual({
      device: 'done: This device Signed out; nothing kept.',
      'refresh-token': 'done: Refresh token Revoked; it renews nothing.',
      'access-token': expect.stringMatching(/^livesOn: Access token Services that check it by themselves take it until .* \(in 48 min\)\.$/u),
      others: 'untouched: Other devices Not signed out.',
    });
    expect(find('try-now')).toBeNull();
  });

  it('opens by itself where something is left over, says why, and that it is done by itself', async () => {
    const { calls, send } = await opened(leaving({ pool: { state: 'waiting', code: 'unreachable', kept: true } }));
    expect(isOpen()).toBe(true);
    expect(text('ended-notice')).toContain('The user pool cannot be reached. Its part follows by itself, also after this app is closed.');
    expect(lines()['refresh-token']).toMatch(/^waiting: Refresh token Not revoked yet\. Good until .* \(in 30 days\) at most\.$/u);
    await click('try-now');
    expect(calls.retry).toHaveBeenCalledOnce();
    expect(text('try-now')).toBe('Trying…');
    await click('try-now');
    expect(calls.retry).toHaveBeenCalledOnce();
    await send(leaving({}));
    expect(lines()['refresh-token']).toContain('done:');
    expect(find('try-now')).toBeNull();
    // Somebody may be reading it.
    expect(isOpen()).toBe(true);
  });

  it('says that what is not in the keychain is over with the app, and warns', async () => {
    await opened(leaving({ pool: { state: 'waiting', code: 'unreachable', kept: false } }));
    expect(text('ended-notice')).toContain('but only while this app is open');
    expect(get('ended-notice').className).toContain('warn');
    await opened(leaving({ pool: { state: 'waiting', code: 'unreachable', kept: true } }));
    expect(get('ended-notice').className).not.toContain('warn');
  });

  it('says until when a token that is refused for good lives on, as far as that is known', async () => {
    const pool = { state: 'failed', code: 'clientUnknown' } as const;
    await opened(leaving({ pool }));
    expect(text('ended-notice')).toContain('does not know this app’s client id. The session lives on there until its own end.');
    expect(lines()['refresh-token']).toMatch(/^failed: Refresh token Not revoked\. Good until /u);
    await opened(snapshotOf(leftWith(NOW, { pool })));
    expect(lines()['refresh-token']).toBe('failed: Refresh token Not revoked. Good until the pool ends it.');
  });

  it('has every moment exact on hover, and lets each pass', async () => {
    const pool = { state: 'waiting', code: 'unreachable', kept: true } as const;
    const accessTokenUntil = NOW + MINUTE;
    await opened(leaving({ pool, accessTokenUntil }));
    const times = [...document.querySelectorAll<HTMLElement>('[data-testid^=receipt-] time')];
    expect(times.map((it) => it.getAttribute('datetime'))).toEqual(
      [NOW - 190 * MINUTE + validity.refreshTokenValidityS * 1000, accessTokenUntil].map((at) => new Date(at).toISOString()),
    );
    for (const { title } of times) expect(title).toMatch(/2026.*:\d\d:\d\d/u);
    expect(lines()['access-token']).toContain('(in 1 min)');
    await vi.advanceTimersByTimeAsync(10_000);
    await settle();
    expect(lines()['access-token']).toContain('(in 50 sec)');
    await vi.advanceTimersByTimeAsync(51_000);
    await settle();
    expect(lines()['access-token']).toBe('done: Access token Expired.');
    await opened(made['signedOut-byUser-later']);
    expect(lines()['refresh-token']).toBe('done: Refresh token Expired; it renews nothing.');
  });

  it('says that other devices are signed out only where they are', async () => {
    await opened(made['signedOut-byUser-everywhere']);
    expect(text('ended-notice')).toMatch(/^Aiko Tanaka has signed out on every device The user pool has ended all sessions/u);
    expect(lines()['others']).toMatch(/^done: Other devices Signed out\./u);
  });

  it('is not read out again because a time has passed', async () => {
    await opened(leaving({ pool: { state: 'waiting', code: 'unreachable', kept: true } }));
    const live = [...document.querySelectorAll('[role=status], [role=alert], [aria-live]')];
    expect(live.some((it) => it.textContent.includes('has signed out'))).toBe(true);
    expect(live.some((it) => it.querySelector('time') !== null)).toBe(false);
  });

  it('calls nothing left over while it is under way', async () => {
    const steps = ['telling-kept', 'revoked-kept', 'revoked-cleared'].map((name) => made[`signedOut-byUser-${name}`]);
    const { send } = await opened(steps[0]);
    for (const step of steps.slice(0, 2)) {
      await send(step as Snapshot);
      await vi.advanceTimersByTimeAsync(40);
      expect(text('ended-notice')).toContain('The session has ended on this device. Details');
      expect([isOpen(), find('try-now')]).toEqual([false, null]);
      expect(lines()['device']).toMatch(/^underWay:/u);
    }
    await send(steps[2] as Snapshot);
    expect(text('ended-notice')).toContain('at the user pool');
    expect(isOpen()).toBe(false);
  });

  it('says what is left once a second has passed', async () => {
    await opened(made['signedOut-byUser-revoked-kept']);
    await vi.advanceTimersByTimeAsync(1_000);
    await settle();
    expect(text('ended-notice')).toContain('its entry in the keychain is not deleted yet');
    expect(lines()['device']).toMatch(/^waiting:/u);
    expect([isOpen(), find('try-now') !== null]).toEqual([true, true]);
    await opened(made['signedOut-byUser-telling-cleared']);
    await vi.advanceTimersByTimeAsync(1_000);
    await settle();
    expect(text('ended-notice')).toContain('The user pool is being told.');
    expect(isOpen()).toBe(false);
  });

  it('names sign-outs before it', async () => {
    await opened(made['signedOut-byUser-earlier']);
    expect(text('receipt-earlier')).toContain('2 not finished yet');
    expect(find('try-now')).not.toBeNull();
    expect(find('unfinished-notice')).toBeNull();
  });
});

describe('what else is told after the end', () => {
  it('earlier sign-outs that are not finished, once the pool has not answered in time', async () => {
    const { calls } = await opened(made['signedOut-unfinished-1']);
    expect(text('unfinished-notice')).toMatch(/^An earlier sign-out is not finished yet The user pool cannot be reached\. That is finished by itself/u);
    await click('try-now');
    expect(calls.retry).toHaveBeenCalledOnce();
    await opened(made['signedOut-unfinished-underWay']);
    expect(find('unfinished-notice')).toBeNull();
    await vi.advanceTimersByTimeAsync(1_000);
    await settle();
    expect(text('unfinished-notice')).toContain('The user pool is being told.');
    expect(find('try-now')).toBeNull();
  });

  it('an account that is deleted', async () => {
    await opened(made['signedOut-deleted-cleared']);
    expect(text('ended-notice')).toMatch(/^The account aiko is deleted .*for good.*Nothing of it is left in the keychain\.$/u);
    expect(find('try-now')).toBeNull();
    await opened(made['signedOut-deleted-kept']);
    expect(text('ended-notice')).toContain('not deleted yet');
    expect(find('try-now')).not.toBeNull();
  });
});

describe('a client secret that is not at hand', () => {
  const connected = { source: 'configFile', clientSecret: 'keychainUnread' } as const;
  const FORMS = [
    ['signUp', 'create-account'],
    ['forgotPassword', 'forgot-password'],
  ] as const;

  it.each(FORMS)('is told on the form %s, where the way on is', async (purpose, link) => {
    const fault = faultOf('clientSecretMissing');
    const { calls, send } = await opened(snapshotOf(signedOut(), idle(), connected));
    await click(link);
    expect(text('secret-notice')).toContain('Unlock the keychain');
    await type('username', 'aiko');
    await send(snapshotOf(signedOut(), deciding(null, { purpose }), connected));
    await send(snapshotOf(signedOut(), idle({ fault }), connected));
    expect(text('error')).toBe('Nobody can sign in here without the client secret.');
    expect(document.body.textContent).not.toContain('COGNITO_CLIENT_SECRET');
    calls.unlock.mockImplementation(async () => {
      calls.snapshot.mockResolvedValue(snapshotOf(signedOut(), idle({ fault }), { ...connected, clientSecret: 'keychain' }));
    });
    await click('unlock');
    await settle();
    expect(calls.unlock).toHaveBeenLastCalledWith(true);
    // What was missed is at hand now, and the fault is no news any more.
    expect(calls.cancel).toHaveBeenCalledOnce();
    expect(find('secret-notice')).toBeNull();
    expect(value('username')).toBe('aiko');
  });

  it.each(FORMS)('is entered again from the form %s where it is lost', async (_, link) => {
    await opened(snapshotOf(signedOut(), idle(), { ...connected, clientSecret: 'keychainMissing' }));
    await click(link);
    await click('enter-secret');
    expect(state()).toBe('connect');
    expect((get('has-secret') as HTMLInputElement).checked).toBe(true);
    await press('Escape');
    expect(state()).toBe('signedOut');
  });

  it('is not spoken of where there is none', async () => {
    const fault = faultOf('clientSecretMissing');
    const { send } = await opened(snapshotOf(signedOut()));
    await click('forgot-password');
    expect(find('secret-notice')).toBeNull();
    await send(snapshotOf(signedOut(), idle({ fault })));
    expect(text('banner')).toContain('COGNITO_CLIENT_SECRET');
  });

  it('leaves the sign-in of whoever is signed in alone', async () => {
    await opened(snapshotOf(signedIn(NOW), idle(), connected));
    expect(find('secret-notice')).toBeNull();
  });
});
