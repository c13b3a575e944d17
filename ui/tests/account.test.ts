import { describe, expect, it, vi } from 'vitest';

import { refused } from '../mock/account';
import { idle } from '../mock/attempts';
import { signedIn, snapshotOf } from '../mock/scenes';
import { actions, type Answer } from '../src/actions';
import type { View } from '../src/bindings/View';
import { Desk } from '../src/desk.svelte';
import { Loaded } from '../src/pages/loaded.svelte';
import { shownValue } from '../src/pages/shown';
import { fake } from './window';

const NOW = Date.now();

describe('something that is loaded', () => {
  it('is what was asked for last, in whichever order the answers come', async () => {
    const answers: ((answer: Answer<string>) => void)[] = [];
    const loaded = new Loaded<string>(() => new Promise((resolve) => answers.push(resolve)));
    const [first, second] = [loaded.load(), loaded.load()];
    answers[1]?.({ done: true, value: 'new' });
    await second;
    answers[0]?.({ done: true, value: 'old' });
    await first;
    expect([loaded.value, loaded.loading]).toEqual(['new', false]);
  });

  it('stays when a later answer cannot be had', async () => {
    const asked = vi
      .fn<() => Promise<Answer<string>>>()
      .mockResolvedValueOnce({ done: true, value: 'held' })
      .mockResolvedValueOnce({ done: false, problem: refused('timedOut') })
      .mockResolvedValueOnce({ done: true, value: 'newer' });
    const loaded = new Loaded(asked);
    await loaded.load();
    await loaded.load();
    expect([loaded.value, loaded.failed, loaded.fault?.code]).toEqual(['held', true, 'timedOut']);
    await loaded.load();
    expect([loaded.value, loaded.failed, loaded.fault]).toEqual(['newer', false, null]);
  });
});

describe('a command for the account', () => {
  it('is answered by what the pool says, and tells of the app’s own failures alone', async () => {
    const { backend, calls } = fake(snapshotOf(signedIn(NOW)));
    const told: boolean[] = [];
    const asked = actions(backend, (accepted) => told.push(accepted));
    calls.forgetDevice.mockRejectedValueOnce(refused('unreachable')).mockRejectedValueOnce(new Error('raw'));
    expect(await asked.forgetDevice('key')).toEqual({ done: false, problem: refused('unreachable') });
    expect(await asked.forgetDevice('key')).toEqual({ done: false, problem: null });
    expect(await asked.forgetDevice('key')).toEqual({ done: true, value: undefined });
    expect(told).toEqual([true, false, true]);
    calls.devices.mockRejectedValueOnce(new Error('raw'));
    expect(await asked.devices()).toEqual({ done: false, problem: null });
    expect(told).toHaveLength(3);
  });
});

describe('what was begun and needs a proof', () => {
  const view = (attempt: View['attempt'], presenceUntil: number | null = null): View => ({
    revision: 1,
    clockOffsetMs: 0,
    session: signedIn(NOW),
    attempt,
    presenceUntil,
  });
  const asking = { state: 'deciding', challenge: null, resending: false, purpose: 'provePresence' } as const;

  async function begun(accepted = true): Promise<Desk> {
    const desk = new Desk();
    const { backend, calls } = fake(snapshotOf(signedIn(NOW)));
    if (!accepted) calls.provePresence.mockRejectedValue('no');
    await desk.prove({ kind: 'deleteAccount' }, actions(backend, () => {}));
    return desk;
  }

  it('waits until the asking is over', async () => {
    const desk = await begun();
    // What an earlier attempt has failed with is no answer to this one.
    desk.observe(view(idle({ fault: { code: 'unreachable', detail: null } })));
    expect(desk.proof).toBeNull();
    desk.observe(view(asking));
    expect(desk.proof).toBeNull();
    desk.observe(view(idle({ fault: { code: 'timedOut', detail: null } })));
    expect(desk.proof).toEqual({ good: false, fault: { code: 'timedOut', detail: null } });
  });

  it('goes on with a proof, and is over where it is given up or cannot begin', async () => {
    const desk = await begun();
    desk.observe(view(asking));
    desk.observe(view(idle({ done: 'presenceProved' }), NOW + 1000));
    expect(desk.proof).toEqual({ good: true });
    desk.settle();
    expect([desk.begun, desk.proof]).toEqual([null, null]);
    expect((await begun(false)).begun).toBeNull();
  });
});

describe('a value', () => {
  it.each([
    ['birthdate', '1990-04-23', 'en', 'April 23, 1990'],
    ['birthdate', '1990-04-23', 'ja', '1990年4月23日'],
    ['birthdate', '23.4.1990', 'en', null],
    ['birthdate', '1990-99-99', 'en', null],
    ['updated_at', 'yesterday', 'en', null],
    ['identities', '[{"providerName":"Google","userId":"1"},{"providerName":"SAML","userId":"2"}]', 'en', 'Google · 1\nSAML · 2'],
    ['identities', 'not JSON', 'en', null],
    ['identities', '{}', 'en', null],
    ['identities', '[null]', 'en', null],
    ['name', 'Aiko', 'en', null],
  ])('%s %s in %s reads %s', (name, value, tag, shown) => {
    expect(shownValue(name, value, tag)).toBe(shown);
  });
});
