import { afterEach, describe, expect, it, vi } from 'vitest';

import { challenged, CHALLENGES, CODES, deciding, faultOf, idle } from '../mock/attempts';
import { scenes, signedIn, signedOut, snapshotOf } from '../mock/scenes';
import type { AttemptView } from '../src/bindings/AttemptView';
import type { Challenge } from '../src/bindings/Challenge';
import type { Snapshot } from '../src/bindings/Snapshot';
import { all, click, enter, fake, find, get, open, press, settle, state, text, type, type Fake } from './window';

const NOW = Date.now();
const purpose = 'provePresence';
const made = scenes(NOW);

async function opened(first: Snapshot | undefined, tag = 'en'): Promise<Fake> {
  if (first === undefined) throw new Error('no such scene');
  const made = fake(first);
  await open(made.backend, tag);
  return made;
}

const within = (attempt: AttemptView): Snapshot => snapshotOf(signedIn(NOW), attempt);
const asking = (challenge: Challenge, given = {}): Snapshot => within(challenged(challenge, { purpose, ...given }));
const proved = (until: number): Snapshot => {
  const snapshot = within(idle({ done: 'presenceProved' }));
  return { ...snapshot, view: snapshot.view && { ...snapshot.view, presenceUntil: until } };
};

const heading = (): string => document.querySelector('h1')?.textContent ?? '';

afterEach(() => void vi.useRealTimers());

describe('proving to be there', () => {
  it('is a card in place of the page, and signed in underneath', async () => {
    const { send } = await opened(within(idle()));
    await send(within(deciding(null, { purpose })));
    expect([state(), heading()]).toEqual(['signedIn', 'Confirm that it is you']);
    expect(document.activeElement?.tagName).toBe('H1');
    expect(find('user-name')).toBeNull();
    await send(asking(CHALLENGES.password));
    expect([state(), heading()]).toEqual(['signedIn', 'Confirm that it is you']);
    expect(document.activeElement).toBe(get('password'));
    expect(document.body.textContent).toContain('You are signed in as aiko.');
    // Nothing of a sign-in that is none.
    expect(find('forgot-password')).toBeNull();
    expect(text('submit-password')).not.toContain('Sign');
  });

  it.each(Object.keys(made).filter((name) => /^stepUp-(?!begun)/u.test(name)))('%s has its title, and Cancel for the way back', async (name) => {
    await opened(made[name]);
    expect(heading()).toBe('Confirm that it is you');
    expect(text('cancel')).toBe('Cancel');
    expect(document.body.textContent).not.toMatch(/[Bb]ack to sign-in|before you are signed in|sign-in begins/u);
  });

  it('answers as a sign-in does, and is resent and chosen again as one', async () => {
    const { calls, send } = await opened(asking(CHALLENGES.password));
    await type('password', ' secret ');
    await enter('password');
    expect(calls.answerPassword).toHaveBeenCalledExactlyOnceWith(' secret ');
    await send(asking(CODES.sms, { resendAt: NOW - 1, canGoBack: true }));
    await click('resend-code');
    expect(calls.resendCode).toHaveBeenCalledOnce();
    await send(asking(CODES.sms, { canGoBack: true, resent: 1 }));
    await press('Escape');
    expect(calls.chooseAgain).toHaveBeenCalledOnce();
    expect(calls.cancel).not.toHaveBeenCalled();
  });

  it('says at the field that the password is wrong, and nothing of the name', async () => {
    const { send } = await opened(asking(CHALLENGES.password));
    await send(within(deciding(CHALLENGES.password, { purpose })));
    await send(asking(CHALLENGES.password, { fault: faultOf('wrongCredentials') }));
    expect(text('error')).toMatch(/^The current password is wrong\./u);
    expect(document.activeElement).toBe(get('password'));
  });

  it('is given up by Esc at every step, and leads back to the page without a word', async () => {
    for (const snapshot of [within(deciding(null, { purpose })), asking(CHALLENGES.password), within(deciding(CHALLENGES.password, { purpose }))]) {
      const { calls, send } = await opened(snapshot);
      await press('Escape');
      expect(calls.cancel).toHaveBeenCalledOnce();
      await send(within(idle()));
      expect(text('user-name')).toBe('Aiko Tanaka');
      expect([find('presence-failed'), find('presence-proved')]).toEqual([null, null]);
    }
  });

  it('tells on the page why it failed, reads that first, and puts it away', async () => {
    const { calls, send } = await opened(asking(CODES.sms));
    await send(within(idle({ fault: faultOf('challengeExpired', 'Invalid session') })));
    expect([state(), text('user-name')]).toEqual(['signedIn', 'Aiko Tanaka']);
    expect(text('presence-failed')).toMatch(/^It could not be confirmed that it is you It took longer than the pool allows\. Try again/u);
    expect(get('presence-failed').textContent).toContain('Invalid session');
    expect(document.activeElement).toBe(get('error'));
    await click('dismiss-presence');
    expect(calls.cancel).toHaveBeenCalledOnce();
  });

  it.each(Object.keys(made).filter((name) => name.startsWith('signedIn-unproved-')))('%s sends nobody to a sign-in form', async (name) => {
    await opened(made[name]);
    expect(text('presence-failed')).not.toMatch(/Sign in|go back and/u);
    await opened(made[name], 'ja');
    expect(text('presence-failed')).not.toMatch(/サインインしてください/u);
  });

  it('tells on the page that it is confirmed, and for how long', async () => {
    vi.useFakeTimers({ now: NOW });
    const { send } = await opened(asking(CODES.sms));
    await send(proved(NOW + 61_000));
    expect(text('presence-proved')).toMatch(/^It is confirmed that it is you Good for 61 sec/u);
    await vi.advanceTimersByTimeAsync(75_000);
    await settle();
    expect(find('presence-proved')).toBeNull();
  });

  it('leaves the telling to the page that has asked for it', async () => {
    const { calls, send } = await opened(within(idle()));
    await click('delete-account');
    await click('prove-presence');
    expect(calls.provePresence).toHaveBeenCalledOnce();
    await send(within(deciding(null, { purpose })));
    await send(asking(CODES.sms));
    await send(within(idle({ fault: faultOf('challengeExpired') })));
    expect(find('presence-failed')).toBeNull();
    expect(all('error')).toHaveLength(1);
    expect(text('deletion')).toContain('It took longer than the pool allows. Try again');
    // One that nobody on a page has asked for is told as ever.
    await send(within(deciding(null, { purpose })));
    await send(within(idle({ fault: faultOf('unreachable') })));
    expect(find('presence-failed')).not.toBeNull();
  });

  it('ends with the session', async () => {
    const { send } = await opened(asking(CHALLENGES.password));
    const fault = faultOf('refreshTokenRevoked');
    await send(snapshotOf(signedOut({ ended: { at: NOW, cause: { kind: 'byPool', fault } } })));
    expect(state()).toBe('signedOut');
    expect(text('ended-notice')).toContain('Your session has ended');
  });
});
