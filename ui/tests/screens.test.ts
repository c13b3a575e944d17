import axe from 'axe-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { FAULT_CODES, scenes } from '../mock/scenes';
import type { SessionView } from '../src/bindings/SessionView';
import { AT_FIRST, shownFor } from '../src/screen';
import { all, fake, find, get, open, state, text } from './window';

const NOW = Date.now();
const made = scenes(NOW);
const names = Object.keys(made);
const scene = (name: string): NonNullable<(typeof made)[string]> => {
  const snapshot = made[name];
  if (snapshot === undefined) throw new Error(`no scene ${name}`);
  return snapshot;
};

describe.each(['en', 'ja'])('every screen in %s', (tag) => {
  it.each(names)('%s', async (name) => {
    const complaints = vi.spyOn(console, 'error');
    await open(fake(scene(name)).backend, tag);
    expect(state()).toBe(shownFor(scene(name), AT_FIRST).state);
    expect(document.documentElement.lang).toBe(tag);
    expect(document.body.textContent).not.toMatch(/undefined|\[object|NaN|function/u);
    expect(document.querySelectorAll('main')).toHaveLength(1);
    expect(all('error').length).toBeLessThanOrEqual(1);
    // The content security policy refuses these.
    expect(document.querySelectorAll('[style], script, style:not([data-vite-dev-id])')).toHaveLength(0);
    expect(complaints).not.toHaveBeenCalled();
  });
});

describe.each(['en', 'ja'])('accessibility in %s', (tag) => {
  it.each(
    names.filter((name) => !/^(retrying|ended|signedOut)-(?!unreachable|wrongCredentials|byUser|login|thisRunOnly)/u.test(name)),
  )('%s', { timeout: 20_000 }, async (name) => {
    await open(fake(scene(name)).backend, tag);
    const { violations } = await axe.run(document, {
      // Not to be had without a layout; looked at in a browser.
      rules: { 'color-contrast': { enabled: false } },
    });
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  });
});

describe('what is said', () => {
  // The scenes were made when the file was loaded, which can be a minute ago by now.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }));
  afterEach(() => void vi.useRealTimers());

  it('wrong password and unknown user are one code, at the password', async () => {
    await open(fake(scene('signedOut-wrongCredentials')).backend);
    expect(text('error')).toBe('The user name or the password is wrong. Check both and try again.');
    expect(get('password').getAttribute('aria-invalid')).toBe('true');
    const describedBy = get('password').getAttribute('aria-describedby') ?? '';
    expect(document.getElementById(describedBy)?.contains(get('error'))).toBe(true);
  });

  it.each(FAULT_CODES)('%s has its own words, in both languages', async (code) => {
    const said: string[] = [];
    for (const tag of ['en', 'ja']) {
      await open(fake(scene(`signedOut-${code}`)).backend, tag);
      said.push(text('error'));
    }
    const [english, japanese] = said;
    expect(english).not.toBe(japanese);
    expect(english?.length).toBeGreaterThan(20);
  });

  it('a fault of the set-up has the pool’s own words in a disclosure', async () => {
    await open(fake(scene('signedOut-clientSecretWrong')).backend);
    expect(text('banner')).toContain('COGNITO_CLIENT_SECRET');
    expect(get('banner').querySelector('details')?.open).toBe(false);
    expect(get('banner').querySelector('details')?.textContent).toContain('The words of the pool itself.');
  });

  it('why a session ended, and when', async () => {
    await open(fake(scene('ended-refreshTokenRevoked')).backend);
    expect(text('ended-notice')).toMatch(/^Your session has ended.*ended elsewhere.*3 hr ago/u);
  });

  it('what became of signing out', async () => {
    await open(fake(scene('signedOut-byUser-revoked-cleared')).backend);
    expect(text('ended-notice')).toMatch(/^Aiko Tanaka has signed out The session has ended on this device and at the user pool\./u);
    expect(find('try-now')).toBeNull();
    await open(fake(scene('signedOut-byUser-failed-kept')).backend);
    expect(text('ended-notice')).toMatch(/lives on there until its own end.*not deleted yet/u);
    expect(find('try-now')).not.toBeNull();
  });

  it('who is signed in, and how the session stands', async () => {
    const due = scenes(Date.now())['signedIn-due'] ?? scene('signedIn-due');
    await open(fake(due).backend);
    expect(text('user-name')).toBe('Aiko Tanaka');
    expect(text('user-email')).toBe('aiko@example.com');
    expect(text('user-groups')).toBe('engineering tea');
    expect(text('session-line')).toBe('Signed in as Aiko Tanaka · renewed 12 min ago · next in 41 min');
    const { renewedAt } = due.view?.session as Extract<SessionView, { state: 'signedIn' }>;
    expect(get('renewed-at').getAttribute('datetime')).toBe(new Date(renewedAt).toISOString());
    expect(get('renewed-at').title).not.toBe('');
    expect(find('banner')).toBeNull();
  });

  it('moments are by the pool’s clock', async () => {
    const hour = 3_600_000;
    const ahead = scenes(Date.now() + hour)['signedIn-due'];
    if (!ahead?.view) throw new Error('no scene');
    await open(fake({ ...ahead, view: { ...ahead.view, clockOffsetMs: hour } }).backend);
    expect(text('session-line')).toContain('renewed 12 min ago · next in 41 min');
  });

  it('offline is a calm banner, and not an end', async () => {
    await open(fake(scene('retrying-unreachable')).backend);
    expect(text('banner')).toMatch(/cannot be reached.*You stay signed in.*next try is in/u);
    expect(text('session-line')).toMatch(/trying again in/u);
  });

  it('a session that is not saved says what quitting would do', async () => {
    await open(fake(scene('signedIn-unsaved')).backend);
    expect(text('banner')).toContain('Quitting now would sign you out');
  });

  it('an endpoint that stands in for the pool’s is named before and after signing in', async () => {
    for (const name of ['overridden-signedOut', 'overridden-signedIn']) {
      await open(fake(scene(name)).backend);
      expect(text('endpoint-override')).toContain('http://127.0.0.1:4570/');
    }
    await open(fake(scene('signedIn-due')).backend);
    expect(find('endpoint-override')).toBeNull();
  });

  it('a slip in a setting that the app can do without is told beside what works', async () => {
    for (const name of ['signedOut-slip', 'signedIn-slip']) {
      await open(fake(scene(name)).backend);
      expect(text('setting-warning')).toMatch(/^COGNITO_REFRESH_TOKEN_VALIDITY cannot be used.*“30 days”.*1 month from the config file/u);
    }
  });

  it('a panic is told with the place of the log', async () => {
    await open(fake(scene('panicked-signedOut')).backend);
    expect(text('banner')).toMatch(/session is safe.*org\.cognitodesktop\.client\/logs/u);
  });

  it('each setting with its value, its source and its fix', async () => {
    await open(fake(scene('misconfigured-regionMismatch')).backend);
    expect(text('setting-name')).toBe('COGNITO_ISSUER');
    expect(text('setting-value')).toContain('us-east-1_AbC123456');
    expect(text('setting-fix')).toContain('cognito-idp.us-east-1.amazonaws.com');
    expect(document.body.textContent).toContain('from the environment');
    await open(fake(scene('misconfigured-missing')).backend);
    expect(all('setting-name').map((it) => it.textContent)).toEqual(['COGNITO_ISSUER', 'COGNITO_CLIENT_ID']);
    expect(text('setting-value')).toBe('Not set');
    await open(fake(scene('misconfigured-secret')).backend);
    expect(text('setting-value')).toMatch(/^Not shown/u);
  });

  it('a challenge that is not known is named in words and as it is', async () => {
    await open(fake(scene('unsupported-MFA_SETUP')).backend);
    expect(text('challenge-name')).toBe('MFA_SETUP');
    expect(document.body.textContent).toContain('a second factor to be set up');
  });
});
