import { afterEach, describe, expect, it, vi } from 'vitest';

import { refused } from '../mock/account';
import { challenged, CHALLENGES, deciding, faultOf, idle } from '../mock/attempts';
import { ADDRESS, awaiting, OFFER, PROVIDERS } from '../mock/browser';
import { leftWith } from '../mock/leaving';
import { signedIn, signedOut, snapshotOf } from '../mock/scenes';
import type { BrowserTold } from '../src/bindings/BrowserTold';
import type { Receipt } from '../src/bindings/Receipt';
import type { Setup } from '../src/bindings/Setup';
import type { Snapshot } from '../src/bindings/Snapshot';
import { all, click, enter, fake, find, get, open, press, settle, state, text, type, value, type Fake } from './window';

const NOW = Date.now();
const MINUTE = 60_000;
const LINK = 'cognito-desktop://sign-in/callback?code=planted-Sentinel-7&state=5f1d';

type Ready = Extract<Setup, { kind: 'ready' }>;

async function opened(first: Snapshot, tag = 'en', change: (made: Fake) => void = () => {}): Promise<Fake> {
  const made = fake(first);
  change(made);
  await open(made.backend, tag);
  return made;
}

const form = (setup: Partial<Ready> = { browser: PROVIDERS }, attempt: Parameters<typeof snapshotOf>[1] = idle()): Snapshot =>
  snapshotOf(signedOut(), attempt, setup);

const lapses = { at: NOW + 9.5 * MINUTE, exact: true };

const waiting = (given: Parameters<typeof awaiting>[0] = {}, more: Parameters<typeof challenged>[1] = {}): Snapshot =>
  form({ browser: PROVIDERS }, challenged(awaiting(given), { lapses, ...more }));

/** What the card says to do. */
const lead = (): string => document.querySelector('.lead')?.textContent ?? '';

const primary = (): string[] => [...document.querySelectorAll<HTMLElement>('button.primary')].map((it) => it.dataset['testid'] ?? '');

function clipboard(takes: boolean): ReturnType<typeof vi.fn> {
  const writeText = vi.fn(async () => {
    if (!takes) throw new Error('not allowed');
  });
  vi.stubGlobal('navigator', { ...navigator, clipboard: { writeText } });
  return writeText;
}

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('the sign-in form', () => {
  it('has nothing of the browser where no sign-in there is set up', async () => {
    await opened(form({}));
    expect(find('continue-in-browser')).toBeNull();
  });

  it('offers the browser and each provider below its own way, which stays the first', async () => {
    const { calls } = await opened(form());
    expect(document.activeElement).toBe(get('username'));
    expect(primary()).toEqual(['sign-in']);
    const order = [...document.querySelectorAll<HTMLElement>('main button')].map((it) => it.dataset['testid'] ?? '');
    const at = (id: string): number => order.indexOf(id);
    expect(at('sign-in')).toBeLessThan(at('provider-Google'));
    expect(order.slice(at('provider-Google'), at('provider-Google') + 3)).toEqual(['provider-Google', 'provider-Corporate', 'continue-in-browser']);
    expect(text('provider-Corporate')).toContain('Continue with Example Corporation');

    await type('username', 'aiko');
    await type('password', 'Green-Tea-42');
    await enter('password');
    expect(calls.signIn).toHaveBeenCalledExactlyOnceWith('aiko', 'Green-Tea-42');
    expect(calls.signInInBrowser).not.toHaveBeenCalled();
  });

  it('hands over what was typed as the name, and asks for nothing', async () => {
    const { calls } = await opened(form());
    await click('continue-in-browser');
    expect(calls.signInInBrowser).toHaveBeenLastCalledWith(null, null);
    expect(find('error')).toBeNull();

    const again = await opened(form());
    await type('username', ' aiko@example.com ');
    await click('provider-Google');
    expect(again.calls.signInInBrowser).toHaveBeenCalledExactlyOnceWith('Google', 'aiko@example.com');
  });

  it('takes one at a time, and says which', async () => {
    vi.useFakeTimers({ now: NOW });
    const { calls, send } = await opened(form());
    await click('continue-in-browser');
    await send(form({ browser: PROVIDERS }, deciding()));
    await vi.advanceTimersByTimeAsync(400);
    await settle();
    await click('provider-Google');
    await enter('username');
    expect(calls.signInInBrowser).toHaveBeenCalledTimes(1);
    expect(calls.signIn).not.toHaveBeenCalled();
    const shown = (id: string): string | undefined => get(id).querySelector('span:not(.away)')?.textContent;
    expect(shown('continue-in-browser')).toBe('Opening the browser…');
    expect(shown('sign-in')).toBe('Sign in');
  });

  it('tells what the browser has come back with, and keeps the name', async () => {
    const { send } = await opened(form());
    await type('username', 'aiko');
    await click('continue-in-browser');
    await send(form({ browser: PROVIDERS }, deciding()));
    await send(waiting());
    await send(form({ browser: PROVIDERS }, idle({ fault: faultOf('browserDeclined', 'access_denied') })));
    expect(text('error')).toContain('declined in the browser');
    expect(value('username')).toBe('aiko');
  });
});

describe('the waiting card', () => {
  it('says what to do by the way in which the browser comes back', async () => {
    const said = new Set<string>();
    for (const way of ['link', 'loopback', 'paste'] as const) {
      await opened(waiting({ way }));
      said.add(lead());
      expect(lead()).toContain('opened in your browser');
      expect(find('link') !== null, way).toBe(way === 'paste');
    }
    expect(said.size).toBe(3);
  });

  it('begins at its heading, names the provider, and counts down', async () => {
    await opened(waiting({ provider: 'Example Corporation' }));
    expect(state()).toBe('challenged');
    expect(document.activeElement?.textContent).toBe('Continue with Example Corporation');
    expect(text('browser-waiting')).toContain('Waiting for the browser');
    expect(text('time-left')).toBe('Time left: 9 min');
    expect(find('browser-not-opened')).toBeNull();
  });

  it('is left by Esc and by the button', async () => {
    const { calls } = await opened(waiting());
    await press('Escape');
    await click('cancel');
    expect(calls.cancel).toHaveBeenCalledTimes(2);
  });

  it('leads back to the other ways where it came from a choice', async () => {
    const { calls } = await opened(waiting({}, { canGoBack: true }));
    await press('Escape');
    expect(calls.chooseAgain).toHaveBeenCalledTimes(1);
    expect(calls.cancel).not.toHaveBeenCalled();
  });

  it('opens the browser again, and goes on waiting', async () => {
    const { calls, send } = await opened(waiting());
    await click('open-again');
    expect(calls.openBrowserAgain).toHaveBeenCalledTimes(1);
    await send(form({ browser: PROVIDERS }, deciding(awaiting())));
    expect(text('browser-waiting')).toContain('Opening the browser…');
    await click('open-again');
    expect(calls.openBrowserAgain).toHaveBeenCalledTimes(1);
    await send(waiting());
    expect(text('browser-waiting')).toContain('Waiting for the browser');
  });

  it('copies the link and says so', async () => {
    const writeText = clipboard(true);
    await opened(waiting());
    await click('copy-link');
    expect(writeText).toHaveBeenCalledExactlyOnceWith(ADDRESS);
    expect(text('copied')).toBe('Copied');
    expect(get('copied').closest('[role=status]')).not.toBeNull();
    expect(find('link-by-hand')).toBeNull();
  });

  it('shows the link, selected, where the clipboard is out of reach', async () => {
    clipboard(false);
    await opened(waiting());
    expect(document.body.textContent).not.toContain(ADDRESS);
    await click('copy-link');
    expect(text('link-by-hand')).toBe(ADDRESS);
    expect(getSelection()?.toString()).toBe(ADDRESS);
    expect(text('browser-waiting')).toContain('press Ctrl+C');
  });

  it('asks for the link anew when the sign-in was begun anew', async () => {
    const writeText = clipboard(true);
    const { calls, send } = await opened(waiting());
    calls.browserLink.mockResolvedValue('https://auth.example.com/another');
    await send(waiting({}, { lapses: { at: NOW + 10 * MINUTE, exact: true } }));
    await click('copy-link');
    expect(writeText).toHaveBeenCalledExactlyOnceWith('https://auth.example.com/another');
  });

  it('says that the browser did not open, and puts the link first', async () => {
    await opened(waiting({ opened: false }));
    expect(text('browser-not-opened')).toContain('did not open');
    expect(lead()).not.toContain('has opened');
    expect(document.activeElement).toBe(get('copy-link'));
    expect(primary()).toEqual(['copy-link']);
    expect(get('copy-link').compareDocumentPosition(get('open-again'))).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
  });

  it('says the same, once, where it did not open again', async () => {
    const { send } = await opened(waiting());
    await click('open-again');
    await send(form({ browser: PROVIDERS }, deciding(awaiting())));
    await send(waiting({}, { fault: faultOf('browserNotOpened', 'no such file') }));
    expect(text('browser-not-opened')).toContain('did not open');
    expect(find('banner')).toBeNull();
    expect(document.activeElement).toBe(get('copy-link'));
  });

  it('tells of any other trouble above, and goes on', async () => {
    const { send } = await opened(waiting());
    await click('open-again');
    await send(form({ browser: PROVIDERS }, deciding(awaiting())));
    await send(waiting({}, { fault: faultOf('unreachable') }));
    expect(text('error')).toContain('cannot be reached');
    expect(find('open-again')).not.toBeNull();
  });

  it('says how to begin anew once the time is over', async () => {
    await opened(waiting({}, { lapses: { at: NOW - 1, exact: true } }));
    expect(text('time-over')).toBe('The time for this step is over. Open the browser again to begin anew.');
    expect(text('browser-waiting')).not.toContain('Waiting');
    expect(primary()).toEqual(['open-again']);
  });

  it('says that the sign-in goes on when the browser has come back', async () => {
    const { send } = await opened(waiting());
    await send(form({ browser: PROVIDERS }, deciding(awaiting())));
    expect(text('browser-waiting')).toContain('Signing in…');
  });
});

describe('pasting the link', () => {
  it('opens a field, and wants something in it', async () => {
    const { calls } = await opened(waiting());
    await click('paste-link');
    expect(document.activeElement).toBe(get('link'));
    await enter('link');
    expect(text('error')).toBe('Paste the link from the browser.');
    expect(calls.pasteLink).not.toHaveBeenCalled();
  });

  it('hands it over without what is around it, and keeps nothing of it', async () => {
    const { calls, send } = await opened(waiting());
    await click('paste-link');
    await type('link', `\n ${LINK} `.trimEnd());
    const field = get('link') as HTMLInputElement;
    await enter('link');
    expect(calls.pasteLink).toHaveBeenCalledExactlyOnceWith(LINK);
    await send(form({ browser: PROVIDERS }, deciding(awaiting())));
    await send(snapshotOf(signedIn(NOW, { origin: 'browser' }), idle(), { browser: PROVIDERS }));
    expect(state()).toBe('signedIn');
    expect(field.value).toBe('');
  });

  it.each([
    ['linkUnusable', 'not a whole link'],
    ['linkNotAwaited', 'belongs to no sign-in'],
  ] as const)('tells of %s beside the field, where what was pasted stays', async (code, words) => {
    await opened(waiting({ way: 'paste' }), 'en', ({ calls }) => calls.pasteLink.mockRejectedValue(faultOf(code)));
    await type('link', LINK);
    await enter('link');
    expect(text('error')).toContain(words);
    expect(get('link').getAttribute('aria-invalid')).toBe('true');
    expect(document.activeElement).toBe(get('link'));
    expect(value('link')).toBe(LINK);
    expect(text('error')).not.toContain('Sentinel');
    expect(find('refused')).toBeNull();
  });

  it('tells above of a failure of the app’s own', async () => {
    await opened(waiting({ way: 'paste' }), 'en', ({ calls }) => calls.pasteLink.mockRejectedValue('gone'));
    await type('link', LINK);
    await enter('link');
    expect(find('error')).toBeNull();
    expect(all('banner').map(({ dataset }) => dataset['banner'])).toEqual(['refused']);
  });
});

describe('whoever began in the browser and proves to be there', () => {
  const stepUp = (given: Parameters<typeof awaiting>[0] = {}, more: Parameters<typeof challenged>[1] = {}): Snapshot =>
    snapshotOf(signedIn(NOW, { origin: 'browser' }), challenged(awaiting(given), { purpose: 'provePresence', lapses, ...more }), { browser: PROVIDERS });

  it('is asked to, in place of the page', async () => {
    const { calls } = await opened(stepUp());
    expect(state()).toBe('signedIn');
    expect(document.activeElement?.textContent).toBe('Confirm that it is you');
    expect(lead()).toContain('Sign in once more, as the same user');
    await press('Escape');
    expect(calls.cancel).toHaveBeenCalledTimes(1);
  });

  it('learns that an earlier sign-in proves nothing', async () => {
    await opened(snapshotOf(signedIn(NOW, { origin: 'browser' }), idle({ fault: faultOf('presenceStale') }), { browser: PROVIDERS }));
    expect(text('presence-failed')).toContain('earlier sign-in');
  });
});

describe('a passkey as a way to sign in', () => {
  it('leads to the browser where a sign-in there is set up', async () => {
    const { calls } = await opened(form({ browser: OFFER }, challenged(CHALLENGES.chooseWay)));
    expect(text('choose-passkey')).toContain('in your browser');
    await click('choose-passkey');
    expect(calls.answerWay).toHaveBeenCalledExactlyOnceWith('passkey');
  });

  it('says why not where none is', async () => {
    const { calls } = await opened(form({}, challenged(CHALLENGES.chooseWay)));
    expect(get('choose-passkey').getAttribute('aria-disabled')).toBe('true');
    expect(text('choose-passkey')).toContain('no sign-in there is set up');
    await click('choose-passkey');
    expect(calls.answerWay).not.toHaveBeenCalled();
  });

  it('is no choice beside a single other way', async () => {
    const choosing = (ways: ('emailCode' | 'smsCode' | 'passkey')[]): Snapshot =>
      snapshotOf(signedIn(NOW), challenged({ kind: 'chooseWay', ways }, { purpose: 'provePresence' }));
    await opened(choosing(['emailCode', 'smsCode']));
    expect(lead()).toBe('Choose how.');
    for (const ways of [['emailCode'], ['emailCode', 'passkey']] as const) {
      await opened(choosing([...ways]));
      expect(lead()).toBe('');
    }
  });
});

describe('a link that changes nothing', () => {
  it.each([
    ['signed out', signedOut()],
    ['signed in', signedIn(NOW)],
  ])('is told above whatever is shown to somebody %s, and put away', async (_, session) => {
    const { calls, send } = await opened(snapshotOf(session));
    expect(find('link-notice')).toBeNull();
    await send(snapshotOf(session, idle(), {}, { linkNotice: { code: 'linkNotAwaited' } }));
    expect(text('link-notice')).toContain('belongs to no sign-in that is waiting here. Nothing was changed.');
    await click('dismiss-link-notice');
    expect(calls.dismissLinkNotice).toHaveBeenCalledTimes(1);
    await send(snapshotOf(session));
    expect(find('link-notice')).toBeNull();
  });
});

describe('signing out of a session that began in the browser', () => {
  const left = (browser: BrowserTold | null, given: Partial<Receipt> = {}): Snapshot => snapshotOf(leftWith(NOW, { browser, ...given }));

  it.each([
    [{ state: 'telling' }, 'underWay', 'opened once more', false],
    [{ state: 'ended' }, 'done', '', false],
    [{ state: 'failed', code: 'browserSilent' }, 'failed', 'may still be signed in', true],
  ] as const)('has a line for %j', async (browser, mark, words, isOpen) => {
    await opened(left(browser));
    expect(get('receipt-browser').dataset['mark']).toBe(mark);
    expect(text('ended-notice')).toContain(words);
    expect(get('receipt-details').getAttribute('aria-expanded')).toBe(String(isOpen));
    // The app opens the browser once; there is nothing to be tried.
    expect(find('try-now')).toBeNull();
  });

  it('says no more than what is known, and who may let them in still', async () => {
    const { send } = await opened(left({ state: 'ended' }));
    expect(text('ended-notice')).not.toContain('may still let you in');
    await click('receipt-details');
    expect(text('receipt-browser')).toContain('Came back from the pool’s sign-out page.');
    await send(left({ state: 'ended' }, { providers: ['Google', 'Corporate'] }));
    expect(text('ended-notice')).toContain('In the browser, Google, Corporate may still let you in without asking.');
  });

  it('has none where the session did not', async () => {
    await opened(left(null));
    expect(find('receipt-browser')).toBeNull();
  });

  it('offers nothing to be tried where the pool has refused for good', async () => {
    await opened(left(null, { pool: { state: 'failed', code: 'clientUnknown' } }));
    expect(get('receipt-details').getAttribute('aria-expanded')).toBe('true');
    expect(find('try-now')).toBeNull();
  });

  it('says before what it does', async () => {
    const words: string[] = [];
    for (const origin of ['native', 'browser'] as const) {
      await opened(snapshotOf(signedIn(NOW, { origin }), idle(), { browser: OFFER }));
      words.push(text('origin'));
      await click('sign-out');
      words.push(get('confirm-sign-out').closest('section')?.textContent ?? '');
    }
    expect(words[0]).toBe('This window');
    expect(words[1]).toContain('You will need your password');
    expect(words[2]).toBe('The browser');
    expect(words[3]).toContain('browser is opened for a moment');
    expect(words[3]).not.toContain('You will need your password');
  });
});

describe('a session without the scope for the account', () => {
  const session = (origin: 'native' | 'browser', coversAccount = true): Snapshot =>
    snapshotOf(signedIn(NOW, { origin }), idle(), { browser: { ...OFFER, coversAccount } });
  const refusing = ({ calls }: Fake): void => {
    for (const command of ['account', 'passkeys', 'devices', 'sessions'] as const) calls[command].mockRejectedValue(refused('scopeMissing'));
  };

  it.each(['account', 'security', 'devices'])('says so on the page %s, and asks for nothing again', async (page) => {
    await opened(session('browser', false), 'en', refusing);
    await click(`go-${page}`);
    await vi.waitFor(() => expect(text('scope-missing')).toContain('COGNITO_SCOPES'));
    expect(find('not-loaded')).toBeNull();
    expect(find('load-again')).toBeNull();
  });

  it('has other words where the window signed in, whose tokens have it', async () => {
    await opened(session('native'), 'en', refusing);
    await vi.waitFor(() => expect(text('scope-missing')).toContain('aws.cognito.signin.user.admin'));
    expect(text('scope-missing')).not.toContain('COGNITO_SCOPES');
  });

  it('is not offered to delete the account', async () => {
    await opened(session('browser'));
    await vi.waitFor(() => expect(find('delete-account')).not.toBeNull());
    await opened(session('browser', false), 'en', refusing);
    await vi.waitFor(() => expect(find('scope-missing')).not.toBeNull());
    await settle();
    expect(find('delete-account')).toBeNull();
    expect(find('sign-out')).not.toBeNull();
  });

  it('goes by the pool where that knows better than the settings', async () => {
    await opened(session('browser', false));
    await vi.waitFor(() => expect(find('edit-name')).not.toBeNull());
    expect(find('scope-missing')).toBeNull();
    expect(find('delete-account')).not.toBeNull();
  });
});

describe('adding a passkey', () => {
  const inside = (browser: Ready['browser']): Snapshot => snapshotOf(signedIn(NOW), idle(), { browser });

  it('opens the pool’s page, and looks again when the user comes back', async () => {
    const { calls } = await opened(inside(OFFER));
    await click('go-security');
    await vi.waitFor(() => expect(find('add-passkey')).not.toBeNull());
    await click('add-passkey');
    expect(calls.addPasskey).toHaveBeenCalledTimes(1);
    await vi.waitFor(() => expect(text('passkeys')).toContain('Go on in the browser.'));
    const before = calls.passkeys.mock.calls.length;
    window.dispatchEvent(new Event('focus'));
    await settle();
    expect(calls.passkeys).toHaveBeenCalledTimes(before + 1);
  });

  it('says where the page did not open', async () => {
    await opened(inside(OFFER), 'en', ({ calls }) => calls.addPasskey.mockRejectedValue(faultOf('browserNotOpened')));
    await click('go-security');
    await vi.waitFor(() => expect(find('add-passkey')).not.toBeNull());
    await click('add-passkey');
    await vi.waitFor(() => expect(text('error')).toContain('The page for a new passkey was not opened.'));
  });

  it.each([
    ['added', 'The passkey is added.', true],
    ['notAdded', 'No passkey was added.', false],
  ] as const)('tells once that it was %s', async (passkey, words, looks) => {
    const { calls, send } = await opened(inside(OFFER));
    await click('go-security');
    await vi.waitFor(() => expect(find('add-passkey')).not.toBeNull());
    const before = calls.passkeys.mock.calls.length;
    await send({ ...inside(OFFER), passkey });
    expect(text('passkeys')).toContain(words);
    expect(calls.passkeys.mock.calls.length > before).toBe(looks);
    expect(calls.dismissPasskeyTold).toHaveBeenCalledTimes(1);
    await send(inside(OFFER));
    expect(text('passkeys')).toContain(words);
    expect(calls.dismissPasskeyTold).toHaveBeenCalledTimes(1);
  });

  it('says what it takes where the browser is not signed in, until that is put away', async () => {
    const { calls } = await opened({ ...inside(OFFER), passkey: 'notSignedIn' });
    await click('go-security');
    await vi.waitFor(() => expect(text('passkey-not-signed-in')).toContain('choose “Continue in browser”'));
    expect(calls.dismissPasskeyTold).not.toHaveBeenCalled();
    await click('dismiss-passkey');
    expect(calls.dismissPasskeyTold).toHaveBeenCalledTimes(1);
  });

  it('is not offered without a sign-in through the browser', async () => {
    await opened(inside(null));
    await click('go-security');
    await vi.waitFor(() => expect(text('passkeys')).toContain('none is set up for this app'));
    expect(find('add-passkey')).toBeNull();
  });
});

describe('the page that the browser ends on', () => {
  it.each([
    ['en-GB', 'en', 'You can close this page'],
    ['ja-JP', 'ja', 'このページは閉じてかまいません'],
  ])('gets its words in the language of %s', async (tag, language, heading) => {
    const { calls, send } = await opened(form(), tag);
    await vi.waitFor(() => expect(calls.setBrowserPage).toHaveBeenCalledTimes(1));
    expect(calls.setBrowserPage.mock.calls[0]?.[0]).toMatchObject({ language, done: { heading } });
    await send(waiting());
    await settle();
    expect(calls.setBrowserPage).toHaveBeenCalledTimes(1);
  });

  it('is not spoken of where nobody signs in there', async () => {
    const { calls } = await opened(form({}));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(calls.setBrowserPage).not.toHaveBeenCalled();
  });
});

describe('a demo user of a provider', () => {
  it('signs in there: there is no password to fill in', async () => {
    const user = { username: 'xavier@example.com', password: '', clientId: 'devbrowser', note: 'of Google', provider: 'Google' };
    const { calls } = await opened(form({ browser: PROVIDERS, development: true, clientId: 'devbrowser' }), 'en', (made) => {
      made.calls.demoUsers.mockResolvedValue([user]);
    });
    await vi.waitFor(() => expect(find('demo-user-xavier@example.com')).not.toBeNull());
    await click('demo-user-xavier@example.com');
    expect(calls.signInInBrowser).toHaveBeenCalledExactlyOnceWith('Google', null);
    expect(value('username')).toBe('');
  });
});

describe('links that could not be registered', () => {
  it('are told with the system’s words, and hold nothing back', async () => {
    await opened(form({ browser: OFFER, warnings: [{ kind: 'linksNotRegistered', reason: 'Permission denied (os error 13)' }] }));
    expect(text('banner')).toMatch(/cannot hand over to this app by a link.*Permission denied/u);
    expect(find('continue-in-browser')).not.toBeNull();
  });
});

describe('a deletion whose answer was lost', () => {
  it('is told as what it is: nobody knows yet', async () => {
    const proved = snapshotOf(signedIn(NOW), idle({ done: 'presenceProved' }));
    const { send } = await opened(snapshotOf(signedIn(NOW)), 'en', ({ calls }) => calls.deleteAccount.mockRejectedValue(refused('deletionUnknown')));
    await vi.waitFor(() => expect(find('delete-account')).not.toBeNull());
    await click('delete-account');
    await send({ ...proved, view: proved.view && { ...proved.view, presenceUntil: NOW + 5 * MINUTE } });
    await type('delete-name', 'aiko');
    await click('confirm-delete-account');
    await vi.waitFor(() => expect(text('error')).toContain('nobody knows yet whether the account is deleted'));
  });
});
