import axe from 'axe-core';
import { clearMocks, mockIPC } from '@tauri-apps/api/mocks';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { idle } from '../mock/attempts';
import { CONNECTION_PROBLEMS } from '../mock/connection';
import { scenes, signedIn, signedOut, snapshotOf, unconnected } from '../mock/scenes';
import { tauri } from '../src/backend';
import type { ConnectionProblem } from '../src/bindings/ConnectionProblem';
import type { Setup } from '../src/bindings/Setup';
import type { Snapshot } from '../src/bindings/Snapshot';
import { connectionWords, forgettingWords, poolIdOf, problemIn } from '../src/connection';
import { en } from '../src/messages/en';
import { ja } from '../src/messages/ja';
import { all, click, enter, fake, find, get, open, press, settle, state, text, type, value, type Fake } from './window';

const SECRET = 'planted-Sentinel-7';
const POOL = 'eu-central-1_AbCdEf';
const ISSUER = `https://cognito-idp.eu-central-1.amazonaws.com/${POOL}`;
const NOW = Date.now();
const made = scenes(NOW);
const connected: Partial<Extract<Setup, { kind: 'ready' }>> = { issuer: ISSUER, clientId: 'present', source: 'configFile' };

const problem = (name: string): ConnectionProblem => {
  const found = CONNECTION_PROBLEMS[name];
  if (found === undefined) throw new Error(`no problem ${name}`);
  return found;
};

async function opened(first: Snapshot | undefined = unconnected(), tag = 'en'): Promise<Fake> {
  if (first === undefined) throw new Error('no such scene');
  const made = fake(first);
  await open(made.backend, tag);
  return made;
}

/** Fills the form, without and with a secret, and sends it. */
async function send(pool: string, clientId: string, secret: string | null = null): Promise<void> {
  await type('pool', pool);
  await type('client-id', clientId);
  if (secret !== null) {
    if (find('client-secret') === null) await click('has-secret');
    await type('client-secret', secret);
  }
  await click('connect');
}

/** A command in the hands of the test: it is under way until one of these is called. */
function held(): { promise: Promise<void>; succeed: () => void; fail: (error: unknown) => void } {
  let succeed = (): void => {};
  let fail = (_: unknown): void => {};
  const promise = new Promise<void>((resolve, reject) => {
    succeed = resolve;
    fail = reject;
  });
  return { promise, succeed, fail };
}

afterEach(() => {
  clearMocks();
  vi.useRealTimers();
});

describe('the commands', () => {
  it('carry the names and arguments that the plugin has', async () => {
    const asked: [string, unknown][] = [];
    mockIPC((command, args) => {
      asked.push([command, args]);
    });
    await tauri.connect(POOL, 'abc', null);
    await tauri.connect(ISSUER, 'abc', SECRET);
    await tauri.disconnect();
    await tauri.unlock(true);
    expect(asked).toEqual([
      ['plugin:cognito|connect', { pool: POOL, clientId: 'abc', clientSecret: null }],
      ['plugin:cognito|connect', { pool: ISSUER, clientId: 'abc', clientSecret: SECRET }],
      ['plugin:cognito|disconnect', {}],
      ['plugin:cognito|unlock', { goOn: true }],
    ]);
  });
});

describe('connecting', () => {
  it('is what a program with nothing configured opens on, at the first field', async () => {
    await opened();
    expect(state()).toBe('connect');
    expect(document.activeElement).toBe(get('pool'));
    expect(find('setting-name')).toBeNull();
    expect(document.body.textContent).toContain('compile issuer and clientId in');
    expect(document.body.textContent).not.toContain('COGNITO_');
    expect(find('cancel')).toBeNull();
    expect(find('forget')).toBeNull();
  });

  it('sends what was typed, without the white space around it, and no secret', async () => {
    const { calls } = await opened();
    await type('pool', `  ${POOL} `);
    await type('client-id', ' 1abc ');
    await enter('client-id');
    expect(calls.connect).toHaveBeenCalledExactlyOnceWith(POOL, '1abc', null);
    expect(get('connect').getAttribute('type')).toBe('submit');
  });

  it('sends a secret only while it says that there is one, and keeps what was typed', async () => {
    const { calls } = await opened();
    calls.connect.mockRejectedValue(problem('poolUnknown'));
    await send(POOL, 'abc', SECRET);
    expect(calls.connect).toHaveBeenLastCalledWith(POOL, 'abc', SECRET);
    await click('has-secret');
    expect(find('client-secret')).toBeNull();
    await click('connect');
    expect(calls.connect).toHaveBeenLastCalledWith(POOL, 'abc', null);
    await click('has-secret');
    expect(value('client-secret')).toBe(SECRET);
  });

  it('tells what is missing at the field, and goes there', async () => {
    const { calls } = await opened();
    const step = async (message: string, field: string): Promise<void> => {
      await click('connect');
      expect(all('error').map((it) => it.textContent)).toEqual([message]);
      expect(document.activeElement).toBe(get(field));
      expect(get(field).getAttribute('aria-invalid')).toBe('true');
    };
    await step('Enter the pool’s id or its issuer URL.', 'pool');
    await type('pool', POOL);
    await step('Enter the client ID.', 'client-id');
    await type('client-id', 'abc');
    await click('has-secret');
    await step('Enter the client secret, or clear the tick if the app client has none.', 'client-secret');
    expect(calls.connect).not.toHaveBeenCalled();
  });

  it('asks once, however often it is pressed, and says so after 300 ms', async () => {
    vi.useFakeTimers();
    const { calls } = await opened();
    const asking = held();
    calls.connect.mockReturnValue(asking.promise);
    await send(POOL, 'abc');
    await click('connect');
    await enter('pool');
    expect(calls.connect).toHaveBeenCalledOnce();
    const busyWords = get('connect').querySelectorAll('span')[1];
    expect(busyWords?.textContent).toBe('Asking the user pool…');
    expect(busyWords?.className).toContain('away');
    expect(document.querySelector('[role=status]')?.textContent).toBe('Asking the user pool…');
    await vi.advanceTimersByTimeAsync(300);
    await settle();
    expect(busyWords?.className).not.toContain('away');
    await type('client-id', 'typed meanwhile');
    expect(value('client-id')).toBe('typed meanwhile');
    asking.fail(problem('timedOut'));
    await settle();
    expect(get('connect').getAttribute('aria-disabled')).toBe('false');
    expect(value('client-id')).toBe('typed meanwhile');
  });

  it('goes on to the sign-in form with the new pool', async () => {
    const { calls, send: hear } = await opened();
    const asking = held();
    calls.connect.mockReturnValue(asking.promise);
    await send(POOL, 'abc');
    const ready = snapshotOf(signedOut(), undefined, connected);
    calls.snapshot.mockResolvedValue(ready);
    await hear(ready);
    asking.succeed();
    await settle();
    expect(state()).toBe('signedOut');
    expect(document.activeElement).toBe(get('username'));
    expect(text('connected-pool')).toContain(POOL);
  });

  it('that the app itself could not carry out is a general notice, with nothing raw', async () => {
    const { calls } = await opened();
    calls.connect.mockRejectedValue('invalid args `pool` for command `connect`');
    await send(POOL, 'abc');
    expect(text('banner')).toContain('That did not work.');
    expect(document.body.textContent).not.toContain('invalid args');
    expect([value('pool'), value('client-id')]).toEqual([POOL, 'abc']);
  });

  it('begins with the value that has a slip, and tells of it in full', async () => {
    await opened(made['connect-slip']);
    expect(state()).toBe('connect');
    expect(value('pool')).toBe('https://cognito-idp.eu-west-1.amazonaws.com/us-east-1_AbC123456');
    expect(text('setting-name')).toBe('COGNITO_ISSUER');
    expect(text('setting-fix')).toContain('cognito-idp.us-east-1.amazonaws.com');
    expect(document.activeElement).toBe(document.querySelector('h1'));
  });

  it('begins with the half that the config file has', async () => {
    const whole = unconnected();
    const half = (has: object): Snapshot => ({ ...whole, setup: { ...whole.setup, ...has } as Setup });
    await opened(half({ issuer: ISSUER }));
    expect([value('pool'), value('client-id')]).toEqual([ISSUER, '']);
    expect(find('setting-name')).toBeNull();
    await opened(half({ clientId: 'abc' }));
    expect([value('pool'), value('client-id')]).toEqual(['', 'abc']);
  });

  it('shows what else is wrong, such as a config file that cannot be read, and only that', async () => {
    await opened(made['connect-unreadable']);
    expect(all('setting-name').map((it) => it.textContent)).toEqual([
      '/home/aiko/.config/org.cognitodesktop.client/cognito.json',
    ]);
    expect(document.body.textContent).toContain('line 3 column 5');
  });

  it('shows that the way to any pool is blocked by a setting', async () => {
    await opened(made['connect-proxy']);
    expect(all('setting-name').map((it) => it.textContent)).toEqual(['HTTPS_PROXY']);
    expect(text('setting-value')).toContain('not a proxy');
    const { what, next } = connectionWords(en, problem('proxyForm'));
    expect(`${what} ${next}`).toMatch(/^HTTPS_PROXY cannot be used.*not the address of a proxy.*http:\/\/host:port/u);
  });

  it('has nothing to do with a set-up that the window may not change', async () => {
    await opened(made['misconfigured-missing']);
    expect(state()).toBe('misconfigured');
    expect(find('pool')).toBeNull();
  });
});

describe('a client secret', () => {
  it('is a password field that can be shown, with its own words', async () => {
    await opened();
    await click('has-secret');
    expect(get('has-secret').getAttribute('aria-expanded')).toBe('true');
    expect(get('client-secret').getAttribute('type')).toBe('password');
    expect(get('show-secret').getAttribute('aria-label')).toBe('Show secret');
    await click('show-secret');
    expect(get('client-secret').getAttribute('type')).toBe('text');
    expect(document.body.textContent).toContain('never in a file');
  });

  it('is asked for where the pool wants one', async () => {
    const { calls } = await opened();
    calls.connect.mockRejectedValue(problem('clientSecretMissing'));
    await send(POOL, 'abc');
    expect((get('has-secret') as HTMLInputElement).checked).toBe(true);
    expect(document.activeElement).toBe(get('client-secret'));
    expect(text('error')).toMatch(/^This app client has a secret\./u);
    expect([value('pool'), value('client-id')]).toEqual([POOL, 'abc']);
  });

  it('that a locked keychain did not take is sent again once that is unlocked', async () => {
    const { calls } = await opened();
    calls.connect.mockRejectedValueOnce(problem('notKeptLocked'));
    await send(POOL, 'abc', SECRET);
    const unlocking = held();
    calls.unlock.mockReturnValueOnce(unlocking.promise);
    await click('unlock');
    expect(calls.unlock).toHaveBeenLastCalledWith(false);
    await click('connect');
    expect(calls.connect).toHaveBeenCalledOnce();
    unlocking.fail(problem('notUnlocked'));
    await settle();
    expect(text('error')).toContain('The keychain could not be unlocked.');
    expect(document.activeElement).toBe(get('error'));
    await click('unlock');
    expect(calls.connect).toHaveBeenCalledTimes(2);
    expect(calls.connect).toHaveBeenLastCalledWith(POOL, 'abc', SECRET);
  });

  it('that is in a locked keychain is told at the sign-in, and read again once that is unlocked', async () => {
    const { calls } = await opened(made['signedOut-connected-keychainUnread']);
    expect(text('secret-notice')).toMatch(/is in the keychain, and that has not been read.*Unlock/u);
    calls.unlock.mockRejectedValueOnce({ kind: 'notUnlocked', cause: 'absent' });
    await click('unlock');
    expect(text('secret-notice')).toContain('No keychain is running.');
    calls.unlock.mockImplementation(async () => void calls.snapshot.mockResolvedValue(made['signedOut-connected-keychain'] as Snapshot));
    await click('unlock');
    expect(calls.unlock).toHaveBeenLastCalledWith(true);
    expect(find('secret-notice')).toBeNull();
  });

  it('that cannot be had is not blamed on the environment when the pool asks for it', async () => {
    for (const clientSecret of ['keychainUnread', 'keychainMissing'] as const) {
      const fault = { code: 'clientSecretMissing', detail: null } as const;
      await opened(snapshotOf(signedOut(), idle({ fault }), { ...connected, clientSecret }));
      expect(text('error')).toBe('Nobody can sign in here without the client secret.');
      expect(document.body.textContent).not.toContain('COGNITO_CLIENT_SECRET');
    }
  });

  it('that is lost is entered again where the pool is changed', async () => {
    await opened(made['signedOut-connected-keychainMissing']);
    expect(text('secret-notice')).toContain('The client secret is not in the keychain any more. Enter it again under “Change”.');
    await click('enter-secret');
    expect(state()).toBe('connect');
    expect((get('has-secret') as HTMLInputElement).checked).toBe(true);
    expect(value('client-secret')).toBe('');
    for (const place of ['none', 'setting', 'keychain']) {
      await opened(made[`signedOut-connected-${place}`]);
      expect(find('secret-notice')).toBeNull();
    }
  });

  it('that is lost while somebody is signed in is not blamed on the environment', async () => {
    const fault = { code: 'clientSecretMissing', detail: null } as const;
    const renewal = { state: 'retrying', at: NOW + 60_000, tries: 1, fault } as const;
    await opened(snapshotOf(signedIn(NOW, { renewal }), undefined, { ...connected, clientSecret: 'keychainMissing' }));
    expect(text('banner')).toMatch(/not in the keychain any more.*You stay signed in.*Sign out here.*“Change”/u);
    expect(document.body.textContent).not.toContain('COGNITO_CLIENT_SECRET');
  });

  it('stands nowhere but in its field, and not even there once that is gone', async () => {
    const { calls, send: hear } = await opened();
    const logged = (['log', 'warn', 'error', 'info', 'debug'] as const).map((name) => vi.spyOn(console, name));
    for (const name of ['clientSecretWrong', 'notSaved', 'unreachable']) {
      calls.connect.mockRejectedValueOnce(problem(name));
      await send(POOL, 'abc', SECRET);
      expect(document.documentElement.outerHTML).not.toContain(SECRET);
    }
    await click('show-secret');
    expect(document.documentElement.outerHTML).not.toContain(SECRET);
    const field = get('client-secret') as HTMLInputElement;
    await hear(snapshotOf(signedOut(), undefined, connected));
    expect(field.value).toBe('');
    expect(JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href])).not.toContain(SECRET);
    for (const spy of logged) expect(spy).not.toHaveBeenCalled();
  });
});

const AT: Record<string, string> = { pool: 'pool', clientId: 'client-id', clientSecret: 'client-secret' };

describe.each(['en', 'ja'])('what came of it, in %s', (tag) => {
  const m = tag === 'en' ? en : ja;

  it.each(Object.entries(CONNECTION_PROBLEMS))('%s is told where it comes from', async (_, refusal) => {
    const { calls } = await opened(unconnected(), tag);
    calls.connect.mockRejectedValue(refusal);
    await send(POOL, 'abc', SECRET);
    const { place, what, next, detail } = connectionWords(m, refusal);
    expect(all('error')).toHaveLength(1);
    expect(text('error')).toContain(what);
    expect(text('error')).toContain(next);
    if (place === 'form') {
      expect(document.activeElement).toBe(get('error'));
      expect(get('error').getAttribute('role')).toBe('alert');
      if (detail !== null) expect(get('banner').querySelector('details')?.textContent).toContain(detail);
    } else {
      const field = get(AT[place] ?? '');
      expect(document.activeElement).toBe(field);
      const describedBy = field.getAttribute('aria-describedby')?.split(' ') ?? [];
      expect(describedBy.some((id) => document.getElementById(id)?.contains(get('error')))).toBe(true);
    }
    expect([value('pool'), value('client-id'), value('client-secret')]).toEqual([POOL, 'abc', SECRET]);
    expect(document.body.textContent).not.toMatch(/undefined|\[object|NaN|function/u);
    expect(document.querySelectorAll('[style]')).toHaveLength(0);
  });

  it.each(['poolUnknown', 'clientSecretMissing', 'unreachable', 'blocked', 'notSaved'])(
    '%s is accessible',
    { timeout: 20_000 },
    async (name) => {
      const { calls } = await opened(unconnected(), tag);
      calls.connect.mockRejectedValue(problem(name));
      await send(POOL, 'abc');
      const { violations } = await axe.run(document, { rules: { 'color-contrast': { enabled: false } } });
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
    },
  );
});

describe('the words', () => {
  const tell = (name: string): string => {
    const { what, next } = connectionWords(en, problem(name));
    return `${what} ${next}`;
  };

  it('name the region of a pool that is not there, and the host that cannot be reached', () => {
    expect(tell('poolUnknown')).toContain('no such user pool in eu-central-1.');
    expect(tell('unreachable')).toMatch(/^cognito-idp\.eu-central-1\.amazonaws\.com cannot be reached\..*region.*network/u);
    for (const name of ['timedOut', 'certificateUntrusted', 'proxyRefused', 'notThePool']) {
      expect(tell(name)).toContain('cognito-idp.eu-central-1.amazonaws.com');
    }
    const elsewhere: ConnectionProblem = {
      kind: 'pool',
      field: 'pool',
      fault: { code: 'poolUnknown', detail: null },
      host: 'pool.example.com',
    };
    expect(connectionWords(en, elsewhere).what).toContain('in pool.example.com.');
  });

  it('name what has to be turned on, the issuer that answered, the file and its reason', () => {
    expect(tell('flowNotEnabled')).toContain('ALLOW_USER_SRP_AUTH');
    expect(tell('otherIssuer')).toContain('https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123456');
    expect(tell('notSaved')).toMatch(/cognito\.json cannot be written: Permission denied/u);
    expect(tell('regionMismatch')).toContain('eu-west-1');
  });

  it('are those of the fault in general, with its details, where there are no better ones', () => {
    expect(connectionWords(en, problem('blocked'))).toEqual({
      place: 'form',
      detail: 'The words of the pool itself.',
      ...en.faults.blocked,
    });
  });

  it('speak of no environment variable where the form itself is the place', () => {
    for (const name of ['clientUnknown', 'clientSecretMissing', 'clientSecretWrong', 'clientSecretForm', 'noPoolId']) {
      expect(tell(name)).not.toMatch(/COGNITO_|setting/u);
    }
  });

  it('differ for each problem', () => {
    for (const m of [en, ja]) {
      const told = Object.entries(CONNECTION_PROBLEMS)
        // Both are the same mistake.
        .filter(([name]) => name !== 'notAUrl')
        .map(([, it]) => Object.values(connectionWords(m, it)).join(' '));
      expect(new Set(told).size).toBe(told.length);
    }
  });

  it('for what is no problem of the pool’s are none', () => {
    expect(problemIn({ kind: 'notHere' })).toEqual({ kind: 'notHere' });
    for (const other of [null, undefined, 'notHere', { kind: 'somethingElse' }, { kind: 'toString' }, { notSetUp: true }]) {
      expect(problemIn(other)).toBeNull();
    }
  });

  it('have the pool’s id from its issuer', () => {
    expect(poolIdOf(ISSUER)).toBe(POOL);
  });
});

describe('a pool that was connected here', () => {
  const first = (): Snapshot => snapshotOf(signedOut({ login: 'aiko' }), undefined, connected);

  it('is named on the sign-in form, and only there', async () => {
    await opened(first());
    expect(text('connected-pool')).toBe(`User pool ${POOL} · Change`);
    await opened(made['signedOut-keychain']);
    expect(find('connected-pool')).toBeNull();
    await opened(snapshotOf(signedIn(NOW), undefined, connected));
    expect(find('connected-pool')).toBeNull();
  });

  it('can be changed, from what it is now', async () => {
    const { calls } = await opened(first());
    await click('change-pool');
    expect(state()).toBe('connect');
    expect([value('pool'), value('client-id')]).toEqual([ISSUER, 'present']);
    expect(document.activeElement).toBe(get('pool'));
    expect(calls.cancel).not.toHaveBeenCalled();
  });

  it('stays as it is when Esc or Cancel goes back', async () => {
    const { calls } = await opened(first());
    await click('change-pool');
    await press('Escape');
    expect(state()).toBe('signedOut');
    expect(value('username')).toBe('aiko');
    await click('change-pool');
    await click('cancel');
    expect(state()).toBe('signedOut');
    expect(calls.connect).not.toHaveBeenCalled();
    expect(calls.disconnect).not.toHaveBeenCalled();
  });

  it('keeps what is typed while the old pool goes on', async () => {
    const { send: hear } = await opened(first());
    await click('change-pool');
    await type('pool', 'us-east-1_Other');
    await hear(first());
    expect(value('pool')).toBe('us-east-1_Other');
  });

  it('is replaced by another one, whose views count from the start', async () => {
    const old = first();
    if (old.view !== null) old.view.revision = 500;
    const { calls, send: hear } = await opened(old);
    await click('change-pool');
    const next = snapshotOf(signedOut(), undefined, { ...connected, issuer: `${ISSUER}2` });
    calls.connect.mockImplementation(async () => {
      calls.snapshot.mockResolvedValue(next);
    });
    await send(`${ISSUER}2`, 'next');
    expect(calls.connect).toHaveBeenCalledExactlyOnceWith(`${ISSUER}2`, 'next', null);
    expect(state()).toBe('signedOut');
    expect(text('connected-pool')).toContain(`${POOL}2`);
    await hear(snapshotOf(signedIn(NOW), undefined, { ...connected, issuer: `${ISSUER}2` }));
    expect(state()).toBe('signedIn');
  });

  it('stays when the other one fails', async () => {
    const { calls } = await opened(first());
    calls.connect.mockRejectedValue(problem('poolUnknown'));
    await click('change-pool');
    await send('eu-central-1_Other', 'next');
    expect(state()).toBe('connect');
    expect(document.activeElement).toBe(get('pool'));
    await press('Escape');
    expect(text('connected-pool')).toContain(POOL);
  });

  it('is forgotten after a question, which Esc takes back', async () => {
    const { calls, send: hear } = await opened(first());
    await click('change-pool');
    await click('forget');
    expect(document.activeElement).toBe(get('confirm-forget'));
    expect(document.body.textContent).toContain(`Forget ${POOL}?`);
    await press('Escape');
    expect(find('confirm-forget')).toBeNull();
    expect(document.activeElement).toBe(get('forget'));
    expect(calls.disconnect).not.toHaveBeenCalled();
    await click('forget');
    calls.disconnect.mockImplementation(async () => {
      calls.snapshot.mockResolvedValue(unconnected());
      await hear(unconnected());
    });
    await click('confirm-forget');
    expect(calls.disconnect).toHaveBeenCalledOnce();
    expect(state()).toBe('connect');
    expect([value('pool'), value('client-id')]).toEqual(['', '']);
    expect(find('forget')).toBeNull();
    expect(find('cancel')).toBeNull();
  });

  it.each(['notSaved', 'notKeptLocked', 'notHere'])('that cannot be forgotten says why (%s)', async (name) => {
    const { calls } = await opened(first());
    calls.disconnect.mockRejectedValue(problem(name));
    await click('change-pool');
    await click('forget');
    await click('confirm-forget');
    expect(text('error')).toContain('The pool could not be forgotten.');
    expect(text('error')).toContain(forgettingWords(en, problem(name)).next);
    expect(document.activeElement).toBe(get('error'));
    expect(text('error')).not.toContain('The pool is right');
    expect(value('pool')).toBe(ISSUER);
  });

  it.each(['en', 'ja'])('is changed accessibly, in %s', { timeout: 20_000 }, async (tag) => {
    await opened(first(), tag);
    await click('change-pool');
    await click('forget');
    await click('has-secret');
    const { violations } = await axe.run(document, { rules: { 'color-contrast': { enabled: false } } });
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  });
});
