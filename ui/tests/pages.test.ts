import axe from 'axe-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { accounts, refused, type Held } from '../mock/account';
import { challenged, CHALLENGES, CODES, deciding, faultOf, idle } from '../mock/attempts';
import { signedIn, signedOut, snapshotOf, POLICY } from '../mock/scenes';
import type { AttemptView } from '../src/bindings/AttemptView';
import type { Snapshot } from '../src/bindings/Snapshot';
import { Part, parts } from '../src/parts.svelte';
import { convert } from './keys';
import { all, click, enter, fake, find, get, open, press, settle, takeDown, text, type, value, type Fake } from './window';

const NOW = Date.now();
const HELD = accounts(NOW);
const purpose = 'provePresence';
const PAGES = ['account', 'security', 'devices'] as const;

const within = (attempt: AttemptView = idle(), presenceUntil: number | null = null, given = {}): Snapshot => {
  const snapshot = snapshotOf(signedIn(NOW, given), attempt);
  return { ...snapshot, view: snapshot.view && { ...snapshot.view, presenceUntil } };
};
const proved = (): Snapshot => within(idle({ done: 'presenceProved' }), NOW + 300_000);

async function opened(page: (typeof PAGES)[number], held: Held = HELD.full, first: Snapshot = within(), tag = 'en'): Promise<Fake> {
  const made = fake(first, held);
  await open(made.backend, tag);
  if (page !== 'account') await click(`go-${page}`);
  await settle();
  return made;
}

const offline = refused('unreachable', 'error sending request');

function allFail({ calls }: Fake): void {
  for (const command of ['account', 'devices', 'passkeys', 'sessions'] as const) calls[command].mockRejectedValue(offline);
}

async function violations(): Promise<string[]> {
  const { violations: found } = await axe.run(document, { rules: { 'color-contrast': { enabled: false } } });
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

function sound(): void {
  expect(document.body.textContent).not.toMatch(/undefined|\[object|NaN|function/u);
  expect(document.querySelectorAll('main')).toHaveLength(1);
  expect(document.querySelectorAll('h1')).toHaveLength(1);
  expect(document.body.querySelectorAll('[style], script, style')).toHaveLength(0);
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
}

beforeEach(() => localStorage.clear());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** What can be opened on a page, by what is pressed for it. */
const OPENED: Record<(typeof PAGES)[number], string[]> = {
  account: ['edit-name', 'edit-email', 'edit-birthdate', 'add-attribute', 'delete-account'],
  security: ['change-password', 'set-up-authenticator', 'turn-off-authenticator', 'delete-passkey-pk1'],
  devices: ['rename-phone', 'forget-here', 'forget-phone'],
};

describe.each(['en', 'ja'])('every page in %s', (tag) => {
  for (const page of PAGES) {
    it.each(Object.keys(HELD))(`${page} of %s`, { timeout: 20_000 }, async (name) => {
      const complaints = vi.spyOn(console, 'error');
      const warnings = vi.spyOn(console, 'warn');
      await opened(page, HELD[name as keyof typeof HELD], within(), tag);
      sound();
      expect(all('error')).toEqual([]);
      expect(await violations()).toEqual([]);
      expect(complaints).not.toHaveBeenCalled();
      expect(warnings).not.toHaveBeenCalled();
    });

    it.each(OPENED[page])(`${page} with %s`, { timeout: 20_000 }, async (button) => {
      await opened(page, HELD.full, within(), tag);
      await click(button);
      sound();
      expect(document.activeElement).not.toBe(document.body);
      expect(await violations()).toEqual([]);
    });

    it(`${page} that cannot be loaded`, { timeout: 20_000 }, async () => {
      const made = fake(within());
      allFail(made);
      await open(made.backend, tag);
      await click(`go-${page}`);
      await settle();
      sound();
      expect(all('not-loaded')).toHaveLength(1);
      expect(await violations()).toEqual([]);
    });
  }
});

describe('the frame', () => {
  it('names the page that is open, and moves the focus to its heading', async () => {
    await opened('account');
    expect(document.activeElement).toBe(get('user-name'));
    expect(get('go-account').getAttribute('aria-current')).toBe('page');
    await click('go-security');
    expect(document.activeElement).toBe(get('page-title'));
    expect([text('page-title'), get('go-security').getAttribute('aria-current'), get('go-account').getAttribute('aria-current')]).toEqual(['Security', 'page', null]);
    await click('go-devices');
    expect([text('page-title'), document.activeElement]).toEqual(['Devices', get('page-title')]);
    expect(text('session-line')).toContain('Signed in as Aiko Tanaka');
    await click('go-account');
    expect(document.activeElement).toBe(get('user-name'));
  });

  it('opens on what the tokens say, before the pool has answered, and says after 300 ms that it waits', async () => {
    vi.useFakeTimers();
    const made = fake(within());
    made.calls.account.mockReturnValue(new Promise(() => {}));
    await open(made.backend);
    expect([text('user-email'), find('edit-email')]).toEqual(['aiko@example.com', null]);
    expect(get('loading').textContent.trim()).toBe('');
    await vi.advanceTimersByTimeAsync(300);
    await settle();
    expect(text('loading')).toBe('Loading…');
  });

  it('keeps the room of what there was the last time, so that nothing below it moves', async () => {
    await opened('account');
    const rows = document.querySelectorAll('dl')[1]?.children.length ?? 0;
    takeDown();
    const made = fake(within());
    made.calls.account.mockReturnValue(new Promise(() => {}));
    await open(made.backend);
    expect(rows).toBe(7);
    expect(get('loading').querySelectorAll('.line')).toHaveLength(rows);
    localStorage.setItem('detail-rows', 'many');
    await open(made.backend);
    expect(get('loading').querySelectorAll('.line')).toHaveLength(4);
  });

  it('asks for a page only when it is wanted', async () => {
    const { calls } = await opened('account');
    expect(calls.account).toHaveBeenCalledOnce();
    expect([calls.devices, calls.passkeys, calls.sessions].map(({ mock }) => mock.calls.length)).toEqual([0, 0, 0]);
    await click('go-security');
    expect(calls.passkeys).toHaveBeenCalledOnce();
    expect(calls.devices).not.toHaveBeenCalled();
  });

  it('says when a page cannot be opened, and opens it at the next try', async () => {
    const { page } = parts.security;
    const load = vi.spyOn(Part.prototype, 'load').mockImplementation(async function fail(this: Part<unknown>) {
      this.failed = true;
    });
    parts.security.page = null;
    await opened('security');
    expect(text('page-failed')).toContain('could not be opened');
    load.mockImplementation(async function succeed(this: Part<unknown>) {
      this.failed = false;
      this.page = page;
    });
    await click('open-again');
    await settle();
    expect([find('page-failed'), find('change-password') === null]).toEqual([null, false]);
    load.mockRestore();
  });

  it('is begun anew for whoever signs in next', async () => {
    const { send } = await opened('devices');
    await send(snapshotOf(signedOut()));
    await send(within());
    expect(find('page-title')).toBeNull();
    await click('delete-account');
    const other = signedIn(NOW);
    await send(snapshotOf({ ...other, user: { ...other.user, sub: 'another', username: 'ben' } }));
    await settle();
    expect(find('delete-account')).not.toBeNull();
  });
});

describe('what could not be loaded', () => {
  it('leaves what was loaded where it is, and is tried again', async () => {
    const made = await opened('account');
    expect(text('attribute-birthdate')).toContain('April 23, 1990');
    await click('go-security');
    allFail(made);
    await click('go-account');
    await settle();
    expect(text('attribute-birthdate')).toContain('April 23, 1990');
    expect(text('not-loaded')).toMatch(/^This may be out of date.*cannot be reached/u);
    made.calls.account.mockResolvedValue(HELD.bare.account);
    await click('load-again');
    await settle();
    expect([find('not-loaded'), find('attribute-birthdate')]).toEqual([null, null]);
  });

  it('is tried again by itself when the network is back, and when the session has been renewed', async () => {
    const made = fake(within());
    allFail(made);
    await open(made.backend);
    await settle();
    expect(text('not-loaded')).toMatch(/^This could not be loaded/u);
    window.dispatchEvent(new Event('online'));
    await settle();
    expect(made.calls.account).toHaveBeenCalledTimes(2);
    await made.send(within(idle(), null, { renewedAt: NOW - 1000 }));
    await settle();
    expect(made.calls.account).toHaveBeenCalledTimes(3);
    await made.send(within(idle(), null, { renewedAt: NOW - 1000, groups: [] }));
    await settle();
    expect(made.calls.account).toHaveBeenCalledTimes(3);
  });

  it('is told where the app itself has failed as well, without anything raw', async () => {
    const made = fake(within());
    made.calls.account.mockRejectedValue({ raw: 'thing' });
    await open(made.backend);
    await settle();
    expect(text('not-loaded')).toContain('could not ask the user pool');
    expect(document.body.textContent).not.toMatch(/raw|thing/u);
    expect(find('banner')).toBeNull();
  });
});

describe('an attribute', () => {
  it('is edited in its place, saved by Enter, and the focus goes back', async () => {
    const { calls } = await opened('account');
    await click('edit-name');
    expect([value('value-name'), document.activeElement]).toEqual(['Aiko Tanaka', get('value-name')]);
    expect(find('edit-email')).not.toBeNull();
    await type('value-name', ' 田中 藍子 ');
    await enter('value-name');
    await settle();
    expect(calls.changeAttributes).toHaveBeenCalledExactlyOnceWith({ name: '田中 藍子' });
    expect(text('attribute-name')).toContain('田中 藍子');
    expect(document.activeElement).toBe(get('edit-name'));
    expect(document.body.textContent).toContain('saved.');
  });

  it('is left by Esc without a change, but not by the Esc or Enter of a conversion', async () => {
    const { calls } = await opened('account');
    await click('sign-out');
    await click('edit-name');
    await type('value-name', 'Another');
    for (const how of ['open', 'webkit'] as const) {
      await convert('value-name', 'Escape', how);
      expect(find('value-name')).not.toBeNull();
      expect(await convert('value-name', 'Enter', how)).toBe(false);
    }
    await press('Escape');
    expect(find('value-name')).toBeNull();
    // Only the edit is left.
    expect(find('confirm-sign-out')).not.toBeNull();
    expect(document.activeElement).toBe(get('edit-name'));
    await click('edit-name');
    expect(value('value-name')).toBe('Aiko Tanaka');
    expect(calls.changeAttributes).not.toHaveBeenCalled();
  });

  it('that is not changed is not sent', async () => {
    const { calls } = await opened('account');
    await click('edit-name');
    await click('save-attribute');
    expect([find('value-name'), calls.changeAttributes.mock.calls.length]).toEqual([null, 0]);
  });

  it('keeps what was typed when another row or another page is turned to', async () => {
    await opened('account');
    await click('edit-name');
    await type('value-name', 'Half a na');
    await click('edit-locale');
    expect(find('value-name')).toBeNull();
    await click('go-security');
    await click('go-account');
    await settle();
    expect(document.activeElement).toBe(get('value-locale'));
    await click('edit-name');
    expect(value('value-name')).toBe('Half a na');
  });

  it.each([
    ['phone_number', '0312345678', 'plus and the country code'],
    ['email', 'aiko', 'Enter an e-mail address'],
    ['name', '  ', 'Enter a value, or remove'],
  ])('%s is checked before it is sent', async (name, typed, words) => {
    const { calls } = await opened('account');
    await click(`edit-${name}`);
    await type(`value-${name}`, typed);
    await enter(`value-${name}`);
    expect(text('error')).toContain(words);
    expect(document.activeElement).toBe(get(`value-${name}`));
    expect(calls.changeAttributes).not.toHaveBeenCalled();
  });

  it('that cannot be written says so beside its field, and the typed text stays', async () => {
    await opened('account');
    await click('add-attribute');
    await click('add-middle_name');
    expect(document.activeElement).toBe(get('value-middle_name'));
    await type('value-middle_name', 'Momo');
    await enter('value-middle_name');
    await settle();
    expect(text('error')).toContain('cannot be changed here');
    const described = get('value-middle_name').getAttribute('aria-describedby') ?? '';
    expect(described.split(' ').some((id) => document.getElementById(id)?.contains(get('error')))).toBe(true);
    expect([value('value-middle_name'), document.activeElement]).toEqual(['Momo', get('value-middle_name')]);
  });

  it('that could not be sent says so above its field', async () => {
    const { calls } = await opened('account');
    calls.changeAttributes.mockRejectedValueOnce(offline);
    await click('edit-name');
    await type('value-name', 'A');
    await enter('value-name');
    await settle();
    expect(text('banner')).toContain('cannot be reached');
    expect([document.activeElement, value('value-name')]).toEqual([get('error'), 'A']);
  });

  it('is added and removed', async () => {
    const { calls } = await opened('account');
    await click('add-attribute');
    expect(find('add-name')).toBeNull();
    expect(find('add-phone_number')).toBeNull();
    await press('Escape');
    expect(document.activeElement).toBe(get('add-attribute'));
    await click('add-attribute');
    await click('add-nickname');
    await type('value-nickname', 'Ai');
    await enter('value-nickname');
    await settle();
    expect(text('attribute-nickname')).toContain('Ai');
    expect(document.activeElement).toBe(get('edit-nickname'));
    await click('edit-nickname');
    await click('delete-attribute');
    expect(document.activeElement).toBe(get('confirm-remove'));
    await press('Escape');
    expect(calls.deleteAttributes).not.toHaveBeenCalled();
    await click('delete-attribute');
    await click('confirm-remove');
    await settle();
    expect(calls.deleteAttributes).toHaveBeenCalledExactlyOnceWith(['nickname']);
    expect([find('attribute-nickname'), document.activeElement]).toEqual([null, get('add-attribute')]);
  });

  it('that codes are sent to goes only when who is there wants it, and what was typed stays', async () => {
    const { calls, send } = await opened('account');
    calls.changeAttributes.mockRejectedValueOnce({ kind: 'presenceNeeded' });
    await click('edit-phone_number');
    await type('value-phone_number', '+81 90 1234 9999');
    await enter('value-phone_number');
    await settle();
    expect(calls.provePresence).toHaveBeenCalledOnce();
    await send(within(challenged(CHALLENGES.password, { purpose })));
    expect(find('value-phone_number')).toBeNull();
    await send(within(idle()));
    await settle();
    expect(text('attribute-phone_number')).toContain('nothing was changed');
    expect([value('value-phone_number'), calls.changeAttributes.mock.calls.length]).toEqual(['+81 90 1234 9999', 1]);

    await click('delete-attribute');
    expect(text('attribute-phone_number')).toContain('turned off as well');
    calls.deleteAttributes.mockRejectedValueOnce({ kind: 'presenceNeeded' });
    await click('confirm-remove');
    await settle();
    await send(within(challenged(CHALLENGES.password, { purpose })));
    await send(proved());
    await settle();
    expect(calls.deleteAttributes.mock.calls).toEqual([[['phone_number']], [['phone_number']]]);
    expect(find('attribute-phone_number')).toBeNull();
  });

  it('takes a code that was sent before a restart', async () => {
    const { calls } = await opened('account');
    await click('edit-email');
    await click('have-code');
    await settle();
    expect(document.activeElement).toBe(get('code'));
    expect(calls.sendAttributeCode).not.toHaveBeenCalled();
    await type('code', '123 456');
    await enter('code');
    await settle();
    expect(calls.verifyAttribute).toHaveBeenCalledExactlyOnceWith('email', '123456');
  });

  it('of the pool’s own has its name, and what nobody may change has no pencil', async () => {
    await opened('account', HELD.federated);
    expect(text('attribute-custom:department')).toContain('department');
    expect(text('attribute-identities')).toContain('Google · 1029384756');
    expect([find('edit-identities'), find('edit-sub')]).toEqual([null, null]);
    expect(find('edit-custom:department')).not.toBeNull();
  });

  it('copies the value and not the form in which it is shown', async () => {
    const writeText = vi.fn(async () => {});
    vi.stubGlobal('navigator', { ...navigator, clipboard: { writeText } });
    await opened('account');
    get('attribute-birthdate').querySelector<HTMLElement>('button[aria-label^="Copy"]')?.click();
    await settle();
    expect(writeText).toHaveBeenCalledWith('1990-04-23');
  });
});

describe('a new address', () => {
  async function changed(held = HELD.full): Promise<Fake> {
    const made = await opened('account', held);
    await click('edit-email');
    await type('value-email', 'tanaka@example.com');
    await enter('value-email');
    await settle();
    return made;
  }

  it('is asked about at once, with the old one in place until then', async () => {
    const { calls } = await changed();
    expect(document.activeElement).toBe(get('code'));
    expect(text('verifying-email')).toMatch(/by e-mail to a\*\*\*@e\*\*\*.*the pool keeps aiko@example\.com/u);
    expect(text('user-email')).toBe('aiko@example.com');
    await type('code', '１２３　４５６');
    await enter('code');
    await settle();
    expect(calls.verifyAttribute).toHaveBeenCalledExactlyOnceWith('email', '123456');
    expect([text('user-email'), find('code'), document.activeElement]).toEqual(['tanaka@example.com', null, get('edit-email')]);
    expect(document.body.textContent).toContain('verified.');
  });

  it('keeps a wrong code to be mended', async () => {
    const { calls } = await changed();
    await type('code', 'abc');
    await enter('code');
    expect(text('error')).toBe('A code has digits only.');
    await type('code', '000000');
    await enter('code');
    await settle();
    expect(text('error')).toContain('This code is wrong.');
    expect([value('code'), document.activeElement]).toEqual(['000000', get('code')]);
    expect(calls.verifyAttribute).toHaveBeenCalledOnce();
  });

  it('has another code sent when the time has come', async () => {
    vi.useFakeTimers({ now: NOW });
    const { calls } = await changed();
    await click('resend-code');
    expect(calls.sendAttributeCode).not.toHaveBeenCalled();
    expect(text('resend-code')).toContain('in 30 sec');
    await vi.advanceTimersByTimeAsync(3_000);
    await settle();
    expect(text('resend-code')).toMatch(/in 2[678] sec/u);
    await vi.advanceTimersByTimeAsync(30_000);
    await settle();
    expect(text('resend-code')).toContain('Send a new code');
    await click('resend-code');
    await settle();
    expect(calls.sendAttributeCode).toHaveBeenCalledExactlyOnceWith('email');
    expect(text('code-resent')).toContain('A new code is on its way');
    await click('resend-code');
    expect(calls.sendAttributeCode).toHaveBeenCalledOnce();
  });

  it('can wait: a banner stays, on this page, with what was typed', async () => {
    await changed();
    await type('code', '12');
    await click('later');
    expect(find('code')).toBeNull();
    expect(document.activeElement).toBe(get('edit-email'));
    expect(text('verify-later')).toContain('not verified yet');
    await click('go-devices');
    await click('go-account');
    await settle();
    await click('enter-code');
    expect([find('verify-later'), value('code'), document.activeElement]).toEqual([null, '12', get('code')]);
    await press('Escape');
    expect(find('verify-later')).not.toBeNull();
  });

  it('that is there and not verified gets a code when it is asked for', async () => {
    const { calls } = await opened('account', HELD.unverified);
    calls.sendAttributeCode.mockRejectedValueOnce(refused('codeNotSent'));
    await click('verify-email');
    await settle();
    expect(text('error')).toContain('The code was not sent.');
    expect(document.activeElement).toBe(get('error'));
    await click('verify-email');
    await settle();
    expect([find('error'), document.activeElement]).toEqual([null, get('code')]);
    await type('code', '123456');
    await enter('code');
    await settle();
    expect([text('attribute-email').includes('Not verified'), find('verify-email')]).toEqual([false, null]);
  });
});

describe('deleting the account', () => {
  it('explains, asks for a proof, then for the name, and goes on where it was', async () => {
    const { calls, send } = await opened('account');
    await click('delete-account');
    expect(text('deletion')).toMatch(/Nobody can bring the account back/u);
    expect([find('delete-name'), document.activeElement]).toEqual([null, get('prove-presence')]);
    await click('prove-presence');
    expect(calls.provePresence).toHaveBeenCalledOnce();
    await send(within(deciding(null, { purpose })));
    await send(within(challenged(CHALLENGES.password, { purpose })));
    expect(find('deletion')).toBeNull();
    await send(proved());
    await settle();
    expect(document.activeElement).toBe(get('delete-name'));
    expect(find('presence-proved')).toBeNull();
    await type('delete-name', 'ben');
    await enter('delete-name');
    expect(text('error')).toContain('“aiko”');
    expect(calls.deleteAccount).not.toHaveBeenCalled();
    await type('delete-name', ' aiko ');
    await enter('delete-name');
    expect(calls.deleteAccount).toHaveBeenCalledExactlyOnceWith('aiko');
  });

  it('keeps the name that was typed when the proof was too old', async () => {
    const { calls, send } = await opened('account', HELD.full, proved());
    await click('delete-account');
    expect(document.activeElement).toBe(get('delete-name'));
    calls.deleteAccount.mockRejectedValueOnce({ kind: 'presenceNeeded' });
    await type('delete-name', 'aiko');
    await enter('delete-name');
    await settle();
    expect(calls.provePresence).toHaveBeenCalledOnce();
    await send(within(deciding(null, { purpose })));
    await send(proved());
    await settle();
    expect([value('delete-name'), document.activeElement]).toEqual(['aiko', get('delete-name')]);
    expect(calls.deleteAccount).toHaveBeenCalledOnce();
  });

  it('says that nothing was done where the proof was given up, and leads back', async () => {
    const { send } = await opened('account');
    await click('delete-account');
    await click('prove-presence');
    await send(within(challenged(CODES.sms, { purpose })));
    await send(within(idle()));
    await settle();
    expect(text('error')).toContain('nothing was changed');
    expect(document.activeElement?.closest('[data-testid="deletion"]')).not.toBeNull();
    await press('Escape');
    expect(document.activeElement).toBe(get('delete-account'));
  });

  it('says why the pool did not, and keeps what was typed', async () => {
    const { calls } = await opened('account', HELD.full, proved());
    await click('delete-account');
    calls.deleteAccount.mockRejectedValueOnce(offline);
    await type('delete-name', 'aiko');
    await enter('delete-name');
    await settle();
    expect(text('banner')).toContain('cannot be reached');
    expect([value('delete-name'), document.activeElement]).toEqual(['aiko', get('error')]);
    calls.deleteAccount.mockRejectedValueOnce({ kind: 'nameDiffers' });
    await enter('delete-name');
    await settle();
    expect(text('error')).toContain('not the name of the account');
  });

  it('asks for the address where the pool’s name is but the identifier', async () => {
    const user = { ...signedIn(NOW).user };
    const { calls } = await opened('account', HELD.full, (() => {
      const snapshot = snapshotOf(signedIn(NOW, { user: { ...user, username: user.sub } }));
      return { ...snapshot, view: snapshot.view && { ...snapshot.view, presenceUntil: NOW + 300_000 } };
    })());
    await click('delete-account');
    expect(text('deletion')).toContain('aiko@example.com');
    await type('delete-name', 'AIKO@example.com');
    await enter('delete-name');
    expect(calls.deleteAccount).toHaveBeenCalledOnce();
  });
});

describe('the password', () => {
  it('is changed with the current one, and nothing of either stays in the page', async () => {
    const { calls } = await opened('security');
    await click('change-password');
    expect(document.activeElement).toBe(get('current-password'));
    expect(get('current-password').getAttribute('autocomplete')).toBe('current-password');
    expect(get('new-password').getAttribute('autocomplete')).toBe('new-password');
    await type('current-password', ' old-Sentinel ');
    await type('new-password', ' new-Sentinel ');
    await type('new-password-repeat', ' new-Sentinel ');
    await enter('new-password-repeat');
    await settle();
    expect(calls.changePassword).toHaveBeenCalledExactlyOnceWith(' old-Sentinel ', ' new-Sentinel ');
    expect(text('password-changed')).toContain('Your new password is set.');
    expect(get('password-changed').contains(document.activeElement)).toBe(true);
    expect(document.documentElement.outerHTML).not.toContain('Sentinel');
    await click('change-password');
    expect([value('current-password'), value('new-password')]).toEqual(['', '']);
  });

  it('that is wrong says so beside its field, and all that was typed stays', async () => {
    await opened('security');
    await click('change-password');
    await type('current-password', 'wrong');
    await type('new-password', 'Green-Tea-43');
    await type('new-password-repeat', 'Green-Tea-43');
    await enter('new-password');
    await settle();
    expect(text('error')).toContain('The current password is wrong.');
    expect(document.activeElement).toBe(get('current-password'));
    expect(['current-password', 'new-password', 'new-password-repeat'].map(value)).toEqual(['wrong', 'Green-Tea-43', 'Green-Tea-43']);
  });

  it('is checked by the pool’s rules, field by field', async () => {
    const { calls } = await opened('security', HELD.full, snapshotOf(signedIn(NOW), idle(), { passwordPolicy: POLICY }));
    await click('change-password');
    expect(find('password-rules')).not.toBeNull();
    const step = async (message: string, field: string): Promise<void> => {
      await click('save-password');
      expect(text('error')).toContain(message);
      expect(document.activeElement).toBe(get(field));
    };
    await step('Enter your current password.', 'current-password');
    await type('current-password', 'Green-Tea-42');
    await step('Enter a new password.', 'new-password');
    await type('new-password', 'short');
    await step('every rule', 'new-password');
    await type('new-password', 'Green-Tea-43');
    await step('Repeat', 'new-password-repeat');
    expect(calls.changePassword).not.toHaveBeenCalled();
    await press('Escape');
    expect([find('current-password'), document.activeElement]).toEqual([null, get('change-password')]);
  });

  it('that is not there is set without one, by who proves to be there', async () => {
    const { calls, send } = await opened('security', HELD.passwordless);
    expect(text('change-password')).toBe('Set a password');
    await click('change-password');
    await send(within(challenged(CODES.email, { purpose })));
    await send(within(idle()));
    await settle();
    expect([find('new-password'), text('second-factors') === '']).toEqual([null, false]);
    expect(text('error')).toContain('nothing was changed');
    await click('change-password');
    expect(calls.provePresence).toHaveBeenCalledTimes(2);
    await send(within(challenged(CODES.email, { purpose })));
    await send(proved());
    await settle();
    expect([find('current-password'), document.activeElement]).toEqual([null, get('new-password')]);
    await type('new-password', 'Green-Tea-43');
    await type('new-password-repeat', 'Green-Tea-43');
    await enter('new-password');
    await settle();
    expect(calls.changePassword).toHaveBeenCalledExactlyOnceWith(null, 'Green-Tea-43');
    expect(text('change-password')).toBe('Change password');
  });
});

describe('second factors', () => {
  it('say how they stand, which comes first, and what is missing', async () => {
    await opened('security');
    expect(['authenticator', 'sms', 'email'].map((method) => text(`stands-${method}`))).toEqual(['On', 'On', 'Off']);
    expect([find('preferred-authenticator') === null, find('preferred-sms')]).toEqual([false, null]);
    await opened('security', HELD.bare);
    expect(text('factor-sms')).toContain('needs a phone number');
    expect(find('turn-on-sms')).toBeNull();
    expect(find('turn-on-email')).toBeNull();
    await opened('security', HELD.unverified);
    expect(text('factor-email')).toContain('aiko@example.com is not verified');
    expect(find('turn-on-email')).toBeNull();
  });

  it('lead to what is missing', async () => {
    await opened('security', HELD.bare);
    await click('add-first-sms');
    await settle();
    expect(document.activeElement).toBe(get('value-phone_number'));
    const { calls } = await opened('security', HELD.unverified);
    await click('verify-first-email');
    await settle();
    expect(calls.sendAttributeCode).toHaveBeenCalledExactlyOnceWith('email');
    expect(document.activeElement).toBe(get('code'));
  });

  it('are turned on, and preferred', async () => {
    const { calls } = await opened('security');
    await click('turn-on-email');
    await settle();
    expect(calls.enableSecondFactor).toHaveBeenCalledExactlyOnceWith('email');
    expect(text('stands-email')).toBe('On');
    expect(get('second-factors').textContent).toContain('E-mail: turned on.');
    expect(document.activeElement).toBe(get('turn-off-email'));
    await click('prefer-sms');
    await settle();
    expect(calls.preferSecondFactor).toHaveBeenLastCalledWith('sms');
    expect(find('preferred-sms')).not.toBeNull();
    await click('prefer-none');
    await settle();
    expect(calls.preferSecondFactor).toHaveBeenLastCalledWith(null);
    expect(find('prefer-none')).toBeNull();
  });

  it('say beside the row why they could not be turned on', async () => {
    const { calls } = await opened('security');
    calls.enableSecondFactor.mockRejectedValueOnce(refused('secondFactorNotPossible'));
    await click('turn-on-email');
    await settle();
    expect(get('factor-email').contains(get('error'))).toBe(true);
    expect(document.activeElement).toBe(get('error'));
  });

  it('are turned off after a question and a proof, by themselves once it is there', async () => {
    const { calls, send } = await opened('security');
    let answer = (): void => {};
    calls.disableSecondFactor.mockImplementation(async () => {
      await new Promise<void>((resolve) => (answer = resolve));
      calls.account.mockResolvedValue({ ...HELD.full.account, secondFactors: ['authenticator'] });
    });
    await click('turn-off-sms');
    expect(document.activeElement).toBe(get('confirm-turn-off'));
    expect(text('factor-sms')).toContain('sign in once more');
    await press('Escape');
    expect([find('confirm-turn-off'), document.activeElement]).toEqual([null, get('turn-off-sms')]);
    await click('turn-off-sms');
    await click('confirm-turn-off');
    await click('confirm-turn-off');
    expect([calls.provePresence.mock.calls.length, calls.disableSecondFactor.mock.calls.length]).toEqual([1, 0]);
    await send(within(deciding(null, { purpose })));
    await send(within(challenged(CHALLENGES.password, { purpose })));
    expect(find('factor-sms')).toBeNull();
    await send(proved());
    await settle();
    expect(calls.disableSecondFactor).toHaveBeenCalledExactlyOnceWith('sms');
    expect(document.activeElement).toBe(get('confirm-turn-off'));
    answer();
    await settle();
    await settle();
    expect([text('stands-sms'), text('page-title'), document.activeElement]).toEqual(['Off', 'Security', get('turn-on-sms')]);
    // What was done is not done again.
    await send(proved());
    await settle();
    expect(calls.disableSecondFactor).toHaveBeenCalledOnce();
  });

  it('stay on where the proof failed, and it is said at the question', async () => {
    const { calls, send } = await opened('security');
    await click('turn-off-sms');
    await click('confirm-turn-off');
    await send(within(challenged(CODES.email, { purpose })));
    await send(within(idle({ fault: faultOf('unreachable') })));
    await settle();
    expect(calls.disableSecondFactor).not.toHaveBeenCalled();
    expect(get('factor-sms').contains(get('error'))).toBe(true);
    expect(text('factor-sms')).toMatch(/nothing was changed.*cannot be reached/u);
    expect(document.activeElement).toBe(get('error'));
  });

  it('go off at once where there is a proof, and say that the last one has to stay', async () => {
    const { calls } = await opened('security', HELD.full, proved());
    calls.disableSecondFactor.mockRejectedValueOnce(refused('secondFactorRequired'));
    await click('turn-off-sms');
    expect(text('factor-sms')).not.toContain('sign in once more');
    await click('confirm-turn-off');
    await settle();
    expect(calls.provePresence).not.toHaveBeenCalled();
    expect(get('factor-sms').contains(get('error'))).toBe(true);
  });
});

describe('an authenticator app', () => {
  it('is set up in place of the page, and leads back', async () => {
    const { calls } = await opened('security', HELD.passwordless);
    await click('set-up-authenticator');
    expect(calls.beginAuthenticator).toHaveBeenCalledOnce();
    expect([find('change-password'), document.activeElement]).toEqual([null, get('code')]);
    await settle();
    expect(find('qr-code')).not.toBeNull();
    await type('code', '000000');
    await enter('code');
    await settle();
    expect(text('error')).toContain('does not fit the QR code');
    await type('code', '123 456');
    await type('device', ' ');
    await enter('code');
    await settle();
    expect(calls.confirmAuthenticator).toHaveBeenLastCalledWith('123456', null);
    expect([text('stands-authenticator'), document.activeElement]).toEqual(['On', get('turn-off-authenticator')]);
    expect(get('second-factors').textContent).toContain('Authenticator app: turned on.');
    expect(document.documentElement.outerHTML).not.toContain('JBSWY3DP');
  });

  it('that is on is replaced only by who proves to be there', async () => {
    const { calls, send } = await opened('security');
    await click('set-up-authenticator');
    await click('set-up-authenticator');
    expect([calls.provePresence.mock.calls.length, calls.beginAuthenticator.mock.calls.length]).toEqual([1, 0]);
    await send(within(challenged(CHALLENGES.password, { purpose })));
    await send(within(idle({ fault: faultOf('unreachable') })));
    await settle();
    expect(text('factor-authenticator')).toMatch(/nothing was changed.*cannot be reached/u);
    expect(calls.beginAuthenticator).not.toHaveBeenCalled();
    await click('set-up-authenticator');
    await send(within(challenged(CHALLENGES.password, { purpose })));
    await send(proved());
    await settle();
    expect(calls.beginAuthenticator).toHaveBeenCalledOnce();
    expect(find('qr-code')).not.toBeNull();
  });

  it('is given up by Esc', async () => {
    const { calls } = await opened('security', HELD.passwordless);
    await click('set-up-authenticator');
    await press('Escape');
    expect([find('qr-code'), find('change-password') === null]).toEqual([null, false]);
    expect(document.activeElement).not.toBe(document.body);
    expect(calls.confirmAuthenticator).not.toHaveBeenCalled();
  });

  it('says why there is no secret, and asks again', async () => {
    const { calls } = await opened('security', HELD.passwordless);
    calls.beginAuthenticator.mockRejectedValueOnce(offline);
    await click('set-up-authenticator');
    await settle();
    expect(text('no-secret')).toContain('cannot be reached');
    await click('secret-again');
    await settle();
    expect(find('qr-code')).not.toBeNull();
  });
});

describe('passkeys', () => {
  it('are hidden where the pool has none, and taught where the user has none', async () => {
    await opened('security', HELD.bare);
    expect(find('passkeys')).toBeNull();
    await opened('security', HELD.passwordless);
    expect(text('passkeys')).toMatch(/You have no passkey.*made in the browser/u);
  });

  it('are deleted after a question', async () => {
    const { calls } = await opened('security');
    await click('delete-passkey-pk1');
    expect([text('passkey-pk1').includes('iCloud Keychain'), document.activeElement]).toEqual([true, get('confirm-delete')]);
    await press('Escape');
    expect(document.activeElement).toBe(get('delete-passkey-pk1'));
    await click('delete-passkey-pk1');
    calls.deletePasskey.mockRejectedValueOnce(offline);
    await click('confirm-delete');
    await settle();
    expect(get('passkey-pk1').contains(get('error'))).toBe(true);
    await click('confirm-delete');
    await settle();
    expect(calls.deletePasskey).toHaveBeenLastCalledWith('pk1');
    expect([find('passkey-pk1'), find('passkey-pk2') === null]).toEqual([null, false]);
    expect(text('passkeys')).toContain('The passkey is deleted.');
    expect(get('passkeys').contains(document.activeElement)).toBe(true);
  });
});

describe('devices', () => {
  it('are this one and the others', async () => {
    await opened('devices');
    expect(get('this-device').contains(get('device-here'))).toBe(true);
    expect(get('other-devices').contains(get('device-phone'))).toBe(true);
    expect(text('device-old')).toMatch(/Unnamed device.*2001:db8/u);
    await opened('devices', HELD.bare);
    expect(document.body.textContent).toContain('keeps no list of devices');
    expect(find('sessions')).toBeNull();
    await opened('devices', HELD.passwordless);
    expect(text('other-devices')).toContain('There is no other device');
  });

  it('are remembered or not, also after the question was answered', async () => {
    const { calls, send } = await opened('devices', HELD.full, within(idle(), null, { device: { state: 'notRemembered' } }));
    expect(find('do-not-remember')).toBeNull();
    await click('remember-this');
    expect(calls.rememberDevice).toHaveBeenCalledExactlyOnceWith(true);
    await send(within(idle(), null, { device: { state: 'remembered' } }));
    await settle();
    expect([find('remember-this'), text('this-device').includes('This device is remembered.')]).toEqual([null, true]);
    expect(get('this-device').contains(document.activeElement)).toBe(true);
    await click('do-not-remember');
    expect(calls.rememberDevice).toHaveBeenLastCalledWith(false);
    await opened('devices', HELD.full, within(idle(), null, { device: { state: 'asking' } }));
    expect([find('remember-this'), find('do-not-remember')]).toEqual([null, null]);
  });

  it('are forgotten after a question, and this one with a warning', async () => {
    const { calls } = await opened('devices');
    await click('forget-here');
    expect(text('device-here')).toMatch(/the device you are using.*ends in 48 min/u);
    await press('Escape');
    expect(document.activeElement).toBe(get('forget-here'));
    await click('forget-phone');
    expect(text('device-phone')).not.toContain('the device you are using');
    await click('confirm-forget');
    await settle();
    expect(calls.forgetDevice).toHaveBeenCalledExactlyOnceWith('phone');
    expect([find('device-phone'), text('other-devices').includes('Pixel 9: forgotten.')]).toEqual([null, true]);
    expect(get('other-devices').contains(document.activeElement)).toBe(true);
  });

  it('that could not be forgotten say why', async () => {
    const { calls } = await opened('devices');
    calls.forgetDevice.mockRejectedValueOnce(offline);
    await click('forget-phone');
    await click('confirm-forget');
    await settle();
    expect(get('device-phone').contains(get('error'))).toBe(true);
    expect(document.activeElement).toBe(get('error'));
  });

  it('have names of the user’s own, on this computer only', async () => {
    await opened('devices');
    await click('rename-phone');
    expect([value('device-name'), document.activeElement]).toEqual(['Pixel 9', get('device-name')]);
    expect(text('device-phone')).toContain('on this computer only');
    await type('device-name', ' 私の電話 ');
    await enter('device-name');
    expect(document.activeElement).toBe(get('rename-phone'));
    expect(text('device-phone')).toContain('私の電話');
    takeDown();
    await opened('devices');
    expect(text('device-phone')).toContain('私の電話');
    await click('rename-phone');
    await type('device-name', '');
    await enter('device-name');
    expect(text('device-phone')).toContain('Pixel 9');
  });

  it('say when a name cannot be kept', async () => {
    await opened('devices');
    await click('rename-phone');
    await type('device-name', 'Mine');
    const kept = vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new Error('full');
    });
    await enter('device-name');
    expect([text('error'), document.activeElement]).toEqual(['The name could not be kept on this computer.', get('device-name')]);
    kept.mockRestore();
  });
});

describe('sessions', () => {
  it('have the present one marked, and the others ended', async () => {
    const { calls } = await opened('devices');
    expect([text('session-tkn1').includes('This session'), find('end-session-tkn1')]).toEqual([true, null]);
    expect(text('session-sso1')).toMatch(/Firefox on Windows.*Browser.*Osaka/u);
    calls.revokeSession.mockRejectedValueOnce(offline);
    await click('end-session-sso1');
    await settle();
    expect(get('session-sso1').contains(get('error'))).toBe(true);
    await click('end-session-sso1');
    await settle();
    expect(calls.revokeSession).toHaveBeenLastCalledWith('sso1');
    expect([find('session-sso1'), text('sessions').includes('The session is ended.')]).toEqual([null, true]);
    expect(get('sessions').contains(document.activeElement)).toBe(true);
  });
});
