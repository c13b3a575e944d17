import { afterEach, describe, expect, it, vi } from 'vitest';

import { challenged, deciding, idle } from '../mock/attempts';
import { scenes, signedIn, signedOut, snapshotOf } from '../mock/scenes';
import type { AttemptView } from '../src/bindings/AttemptView';
import type { Snapshot } from '../src/bindings/Snapshot';
import { all, click, enter, fake, find, get, open, press, settle, state, text, type, value, type Fake } from './window';

const NOW = Date.now();
const SECRET = '  planted-Sentinel-7 ';
const made = scenes(NOW);
const thinking = deciding();
const failed: AttemptView = idle({ fault: { code: 'wrongCredentials', detail: null } });

async function opened(first: Snapshot | undefined): Promise<Fake> {
  if (first === undefined) throw new Error('no such scene');
  const made = fake(first);
  await open(made.backend);
  return made;
}

afterEach(() => void vi.useRealTimers());

describe('signing in', () => {
  it('starts at the name, or at the password where the name is known', async () => {
    await opened(snapshotOf(signedOut()));
    expect(document.activeElement).toBe(get('username'));
    await opened(snapshotOf(signedOut({ login: 'aiko' })));
    expect(value('username')).toBe('aiko');
    expect(document.activeElement).toBe(get('password'));
  });

  it('sends the name without the white space around it, and the password as it was typed', async () => {
    const { calls } = await opened(snapshotOf(signedOut()));
    await type('username', ' aiko ');
    await type('password', SECRET);
    await enter('password');
    expect(calls.signIn).toHaveBeenCalledExactlyOnceWith('aiko', SECRET);
    expect(get('sign-in').getAttribute('type')).toBe('submit');
  });

  it('sends once, however often it is pressed', async () => {
    const { calls, send } = await opened(snapshotOf(signedOut()));
    await type('username', 'aiko');
    await type('password', SECRET);
    await click('sign-in');
    await click('sign-in');
    await enter('password');
    await send(snapshotOf(signedOut(), thinking));
    await click('sign-in');
    expect(calls.signIn).toHaveBeenCalledOnce();
  });

  it('tells what is missing at the field, and goes there', async () => {
    const { calls } = await opened(snapshotOf(signedOut()));
    await click('sign-in');
    expect(text('error')).toBe('Enter your user name or e-mail address.');
    expect(document.activeElement).toBe(get('username'));
    await type('username', 'aiko');
    await click('sign-in');
    expect(text('error')).toBe('Enter your password.');
    expect(document.activeElement).toBe(get('password'));
    expect(calls.signIn).not.toHaveBeenCalled();
  });

  it('keeps the very same fields, their values and the focus while the pool decides', async () => {
    const { send } = await opened(snapshotOf(signedOut()));
    await type('username', 'aiko');
    await type('password', SECRET);
    const field = get('password');
    await enter('password');
    await send(snapshotOf(signedOut(), thinking));
    expect(state()).toBe('deciding');
    expect(get('password')).toBe(field);
    expect(document.activeElement).toBe(field);
    expect([value('username'), value('password')]).toEqual(['aiko', SECRET]);
  });

  it('keeps what was typed after a fault, and moves to the field it is about', async () => {
    const { send } = await opened(snapshotOf(signedOut()));
    await type('username', 'aiko');
    await type('password', SECRET);
    get('sign-in').focus();
    await click('sign-in');
    await send(snapshotOf(signedOut(), thinking));
    await send(snapshotOf(signedOut(), failed));
    expect([value('username'), value('password')]).toEqual(['aiko', SECRET]);
    expect(document.activeElement).toBe(get('password'));
    expect(get('error').closest('[role=alert]')).not.toBeNull();

    get('sign-in').focus();
    await click('sign-in');
    await send(snapshotOf(signedOut(), thinking));
    expect(find('error')).toBeNull();
    await send(snapshotOf(signedOut(), idle({ fault: { code: 'userDisabled', detail: null } })));
    expect(document.activeElement).toBe(get('username'));
  });

  it('moves to the banner of a fault that no field has caused', async () => {
    const { send } = await opened(snapshotOf(signedOut({ login: 'aiko' })));
    await type('password', SECRET);
    await click('sign-in');
    await send(snapshotOf(signedOut(), thinking));
    await send(snapshotOf(signedOut(), idle({ fault: { code: 'unreachable', detail: null } })));
    expect(document.activeElement).toBe(get('error'));
    expect(value('password')).toBe(SECRET);
  });

  it('leaves no password in the page once it has succeeded, nor in the field that is gone', async () => {
    const { send } = await opened(snapshotOf(signedOut()));
    await type('username', 'aiko');
    await type('password', SECRET);
    await click('show-password');
    const field = get('password') as HTMLInputElement;
    await enter('password');
    await send(snapshotOf(signedOut(), thinking));
    await send(snapshotOf(signedIn(NOW)));
    expect(state()).toBe('signedIn');
    expect(document.documentElement.outerHTML).not.toContain(SECRET.trim());
    expect(field.value).toBe('');
    await send(snapshotOf(signedOut()));
    expect(value('password')).toBe('');
  });

  it('never writes the password into the markup', async () => {
    await opened(snapshotOf(signedOut()));
    await type('password', SECRET);
    await click('show-password');
    expect(document.documentElement.outerHTML).not.toContain(SECRET.trim());
  });

  it('shows and hides the password', async () => {
    await opened(snapshotOf(signedOut()));
    const button = get('show-password');
    expect([get('password').getAttribute('type'), button.getAttribute('aria-pressed')]).toEqual(['password', 'false']);
    await click('show-password');
    expect([get('password').getAttribute('type'), button.getAttribute('aria-pressed')]).toEqual(['text', 'true']);
    expect(button.getAttribute('aria-label')).toBe('Show password');
  });

  it('has the attributes that password managers and keyboards go by', async () => {
    await opened(snapshotOf(signedOut()));
    expect(get('username').getAttribute('autocomplete')).toBe('username');
    expect(get('password').getAttribute('autocomplete')).toBe('current-password');
    for (const field of ['username', 'password']) {
      expect(get(field).getAttribute('spellcheck')).toBe('false');
      expect(get(field).getAttribute('autocapitalize')).toBe('off');
    }
  });

  it('says that it is working after 300 ms, and not before', async () => {
    vi.useFakeTimers();
    const { send } = await opened(snapshotOf(signedOut({ login: 'aiko' })));
    await type('password', SECRET);
    await click('sign-in');
    await send(snapshotOf(signedOut(), thinking));
    const [idle, working] = [...get('sign-in').querySelectorAll('span')];
    expect([idle?.className, working?.className].map((it) => it?.includes('away'))).toEqual([false, true]);
    await vi.advanceTimersByTimeAsync(299);
    await settle();
    expect(working?.className).toContain('away');
    await vi.advanceTimersByTimeAsync(1);
    await settle();
    expect(working?.className).not.toContain('away');
    expect(working?.textContent).toBe('Signing in…');
  });

  it('is given up by Esc', async () => {
    const { calls, send } = await opened(snapshotOf(signedOut({ login: 'aiko' })));
    await press('Escape');
    expect(calls.cancel).not.toHaveBeenCalled();
    await send(snapshotOf(signedOut({ login: 'aiko' }), thinking));
    await press('Escape');
    expect(calls.cancel).toHaveBeenCalledOnce();
  });

  it('says so when the command is not carried out, and shows nothing raw', async () => {
    const { calls } = await opened(snapshotOf(signedOut({ login: 'aiko' })));
    calls.signIn.mockRejectedValueOnce({ notSetUp: true });
    await type('password', SECRET);
    await click('sign-in');
    expect(text('banner')).toContain('That did not work.');
    expect(document.body.textContent).not.toMatch(/notSetUp|\[object/u);
    expect(get('sign-in').getAttribute('aria-disabled')).toBe('false');
    await click('dismiss');
    expect(find('banner')).toBeNull();
  });

  it('keeps the name when a challenge is given up', async () => {
    const { send } = await opened(snapshotOf(signedOut()));
    await type('username', 'ben');
    const challenge = { kind: 'newPassword', username: 'ben', missingAttributes: [] } as const;
    await send(snapshotOf(signedOut(), challenged({ ...challenge, missingAttributes: [] })));
    await send(snapshotOf(signedOut()));
    expect(value('username')).toBe('ben');
  });
});

describe('a record that cannot be read', () => {
  it('is replaced by signing in, and the way back is open', async () => {
    const { calls } = await opened(made['unavailable-corrupt']);
    await click('sign-in-again');
    expect(state()).toBe('unavailable');
    expect(find('username')).not.toBeNull();
    await press('Escape');
    expect(find('sign-in-again')).not.toBeNull();
    expect(calls.cancel).not.toHaveBeenCalled();
  });

  it('goes back after a fault as well', async () => {
    const { calls, send } = await opened(made['unavailable-corrupt-wrong']);
    await click('cancel');
    expect(calls.cancel).toHaveBeenCalledOnce();
    await send(made['unavailable-corrupt'] as Snapshot);
    expect(find('sign-in-again')).not.toBeNull();
  });
});

describe('a keychain that cannot tell', () => {
  it.each([
    ['locked', 'unlock'],
    ['absent', 'look-again'],
    ['denied', 'look-again'],
    ['silent', 'look-again'],
    ['corrupt', 'look-again'],
  ])('%s is asked again by %s', async (cause, button) => {
    const { calls } = await opened(made[`unavailable-${cause}`]);
    await click(button);
    expect(calls.retry).toHaveBeenCalledOnce();
  });

  it.each(['locked', 'absent', 'denied', 'newer', 'silent'])('%s can be gone without, by name', async (cause) => {
    const { calls } = await opened(made[`unavailable-${cause}`]);
    await click('this-run-only');
    expect(calls.proceedWithoutKeychain).toHaveBeenCalledOnce();
  });

  it('is not asked twice at a time', async () => {
    const { calls } = await opened(made['unavailable-locked-asking']);
    await click('unlock');
    expect(calls.retry).not.toHaveBeenCalled();
  });
});

describe('a new password', () => {
  async function asked(...missingAttributes: string[]): Promise<Fake> {
    return opened(
      snapshotOf(signedOut(), challenged({ kind: 'newPassword', username: 'ben', missingAttributes })),
    );
  }

  it('is sent with the attributes that are missing', async () => {
    const { calls } = await asked('name', 'custom:department');
    await type('new-password', SECRET);
    await type('new-password-repeat', SECRET);
    await type('attribute-name', ' Ben ');
    await type('attribute-custom:department', 'Tea');
    await enter('attribute-name');
    expect(calls.answerNewPassword).toHaveBeenCalledExactlyOnceWith(SECRET, { name: 'Ben', 'custom:department': 'Tea' });
  });

  it('is checked field by field', async () => {
    const { calls } = await asked('name');
    const step = async (message: string, field: string): Promise<void> => {
      await click('submit-new-password');
      expect(all('error').map((it) => it.textContent)).toEqual([message]);
      expect(document.activeElement).toBe(get(field));
    };
    await step('Enter a new password.', 'new-password');
    await type('new-password', SECRET);
    await step('Repeat the new password.', 'new-password-repeat');
    await type('new-password-repeat', 'other');
    await step('The two passwords are different.', 'new-password-repeat');
    await type('new-password-repeat', SECRET);
    await step('Full name is needed.', 'attribute-name');
    expect(calls.answerNewPassword).not.toHaveBeenCalled();
  });

  it('that is refused says so at the field, with the pool’s words', async () => {
    await opened(made['newPassword-passwordRejected']);
    expect(get('new-password').getAttribute('aria-invalid')).toBe('true');
    expect(text('error')).toContain('The words of the pool itself.');
  });

  it('has the fields that the attributes ask for', async () => {
    await asked('email', 'phone_number', 'birthdate', 'name');
    const types = ['email', 'phone_number', 'birthdate', 'name'].map((name) => get(`attribute-${name}`).getAttribute('type'));
    expect(types).toEqual(['email', 'tel', 'date', 'text']);
    expect(get('new-password').getAttribute('autocomplete')).toBe('new-password');
  });

  it('keeps what was typed while the pool decides and after it refused', async () => {
    const { send } = await asked('name');
    await type('new-password', SECRET);
    await type('new-password-repeat', SECRET);
    await type('attribute-name', 'Ben');
    await click('submit-new-password');
    const challenge = { kind: 'newPassword' as const, username: 'ben', missingAttributes: ['name'] };
    await send(snapshotOf(signedOut(), deciding(challenge)));
    expect(state()).toBe('deciding');
    await send(
      snapshotOf(signedOut(), challenged(challenge, { fault: { code: 'passwordRejected', detail: null } })),
    );
    expect([value('new-password'), value('new-password-repeat'), value('attribute-name')]).toEqual([SECRET, SECRET, 'Ben']);
    expect(document.activeElement).toBe(get('new-password'));
  });

  it('is given up by Esc and by the button', async () => {
    const { calls } = await asked();
    await press('Escape');
    await click('cancel');
    expect(calls.cancel).toHaveBeenCalledTimes(2);
  });
});

describe('a challenge that is not known', () => {
  it('is left by Esc and by the button', async () => {
    const { calls } = await opened(made['unsupported-SOMETHING_NEW']);
    await press('Escape');
    await click('cancel');
    expect(calls.cancel).toHaveBeenCalledTimes(2);
  });
});

describe('signed in', () => {
  it('signs out after a question, which Esc takes back', async () => {
    const { calls } = await opened(made['signedIn-due']);
    await click('sign-out');
    expect(document.activeElement).toBe(get('confirm-sign-out'));
    await press('Escape');
    expect(find('confirm-sign-out')).toBeNull();
    expect(document.activeElement).toBe(get('sign-out'));
    expect(calls.signOut).not.toHaveBeenCalled();
    await click('sign-out');
    await click('confirm-sign-out');
    expect(calls.signOut).toHaveBeenCalledOnce();
  });

  it('tries now', async () => {
    const { calls, send } = await opened(made['retrying-unreachable']);
    await click('try-now');
    expect(calls.retry).toHaveBeenCalledOnce();
    await send(made['signedIn-runningAgain'] as Snapshot);
    await click('try-now');
    expect(calls.retry).toHaveBeenCalledOnce();
  });

  it('shows the picture that Rust made, and initials without one', async () => {
    const withPicture = fake(made['signedIn-kazuko'] as Snapshot);
    withPicture.calls.picture.mockResolvedValue('data:image/png;base64,AAAA');
    await open(withPicture.backend);
    expect(document.querySelector('img')?.src).toBe('data:image/png;base64,AAAA');
    const { calls } = await opened(made['signedIn-due']);
    expect(document.querySelector('img')).toBeNull();
    expect(calls.picture).not.toHaveBeenCalled();
    expect(document.body.textContent).toContain('AT');
  });

  it('keeps its times true as time goes by', async () => {
    vi.useFakeTimers({ now: NOW });
    await opened(made['signedIn-due']);
    expect(text('renewed-at')).toBe('12 min ago');
    await vi.advanceTimersByTimeAsync(65_000);
    await settle();
    expect(text('renewed-at')).toBe('13 min ago');
  });

  it('copies a value', async () => {
    const writeText = vi.fn(async () => {});
    vi.stubGlobal('navigator', { ...navigator, clipboard: { writeText } });
    await opened(made['signedIn-due']);
    document.querySelector<HTMLElement>('button[aria-label="Copy: User ID"]')?.click();
    await settle();
    expect(writeText).toHaveBeenCalledWith('5e1f0c0a-9b1d-4c55-8a3e-6f2d7c1b9a01');
    expect(document.body.textContent).toContain('Copied');
    vi.unstubAllGlobals();
  });
});

describe('the window', () => {
  it('shows nothing but restoring until the first snapshot', async () => {
    const late = fake(snapshotOf(signedIn(NOW)));
    let answer: (snapshot: Snapshot) => void = () => {};
    late.calls.snapshot.mockReturnValue(new Promise((resolve) => (answer = resolve)));
    const states = new Set<string | undefined>();
    const recorder = new MutationObserver(() => states.add(state()));
    recorder.observe(document.documentElement, { attributes: true });
    await open(late.backend);
    expect(state()).toBe('restoring');
    expect(find('username')).toBeNull();
    expect(document.querySelector('main')?.textContent.trim()).toBe('Starting');
    answer(snapshotOf(signedIn(NOW)));
    await settle();
    expect(state()).toBe('signedIn');
    expect(states).not.toContain('signedOut');
    recorder.disconnect();
  });

  it('says after a while that the keychain is read', async () => {
    vi.useFakeTimers();
    await opened(made['restoring']);
    expect(document.querySelector('main p')?.textContent).toBe('');
    await vi.advanceTimersByTimeAsync(400);
    await settle();
    expect(document.querySelector('main p')?.textContent).toContain('keychain');
  });

  it('wakes the session on focus, on being seen, and when the network is back', async () => {
    const { calls } = await opened(made['signedIn-due']);
    window.dispatchEvent(new Event('focus'));
    window.dispatchEvent(new Event('online'));
    document.dispatchEvent(new Event('visibilitychange'));
    expect(calls.wake).toHaveBeenCalledTimes(3);
    const broken = await opened(made['misconfigured-missing']);
    window.dispatchEvent(new Event('focus'));
    expect(broken.calls.wake).not.toHaveBeenCalled();
  });

  it('says when it cannot reach the app', async () => {
    const silent = fake(snapshotOf(signedOut()));
    silent.calls.listen.mockRejectedValue('no');
    await open(silent.backend);
    // What it has heard once it shows, and that it hears no more.
    expect(state()).toBe('signedOut');
    expect(text('banner')).toContain('cannot reach');
    silent.calls.snapshot.mockRejectedValue('no');
    await open(silent.backend);
    expect(state()).toBe('restoring');
    expect(text('banner')).toContain('cannot reach');
  });

  it('offers demo users in development only, and fills the form with them', async () => {
    const { calls } = await opened(made['development-signedOut']);
    await click('demo-user-aiko');
    expect([value('username'), value('password')]).toEqual(['aiko', 'Green-Tea-42']);
    expect(text('demo-strip')).toContain('signs in with the password alone');
    expect(calls.signIn).not.toHaveBeenCalled();
    const { calls: without } = await opened(made['signedOut-keychain']);
    expect(find('demo-strip')).toBeNull();
    expect(without.demoUsers).not.toHaveBeenCalled();
  });
});
