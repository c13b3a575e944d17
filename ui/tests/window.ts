import { flushSync, mount, tick, unmount } from 'svelte';
import { vi, type Mock } from 'vitest';

import { accounts, pretendAccount, type AccountCommands, type Held } from '../mock/account';
import { AUTHENTICATOR } from '../mock/authenticator';
import { ADDRESS } from '../mock/browser';
import App from '../src/App.svelte';
import type { Backend } from '../src/backend';
import type { Snapshot } from '../src/bindings/Snapshot';
import { languageFor } from '../src/messages';

/** A backend in the hands of a test. */
export interface Fake {
  backend: Backend;
  calls: { [Command in keyof Backend]: Mock<Backend[Command]> };
  /** Sends a snapshot as the event does, with the next revision. */
  send(next: Snapshot): Promise<void>;
}

export function fake(first: Snapshot, held: Held = accounts(Date.now()).full): Fake {
  let heard: ((snapshot: Snapshot) => void) | null = null;
  let revision = first.view?.revision ?? 0;
  const account = pretendAccount({ held });
  const played = Object.fromEntries(
    Object.entries(account).map(([name, command]) => [name, vi.fn(command as (...given: unknown[]) => unknown)]),
  ) as unknown as Pick<Fake['calls'], keyof AccountCommands>;
  const calls: Fake['calls'] = {
    listen: vi.fn<Backend['listen']>(async (hear) => {
      heard = hear;
      return () => (heard = null);
    }),
    snapshot: vi.fn<Backend['snapshot']>(async () => first),
    prepare: vi.fn<Backend['prepare']>(async () => {}),
    signIn: vi.fn<Backend['signIn']>(async () => {}),
    answerNewPassword: vi.fn<Backend['answerNewPassword']>(async () => {}),
    signUp: vi.fn<Backend['signUp']>(async () => {}),
    forgotPassword: vi.fn<Backend['forgotPassword']>(async () => {}),
    answerWay: vi.fn<Backend['answerWay']>(async () => {}),
    answerPassword: vi.fn<Backend['answerPassword']>(async () => {}),
    answerSecondFactor: vi.fn<Backend['answerSecondFactor']>(async () => {}),
    answerAuthenticator: vi.fn<Backend['answerAuthenticator']>(async () => {}),
    answerEmail: vi.fn<Backend['answerEmail']>(async () => {}),
    answerCustom: vi.fn<Backend['answerCustom']>(async () => {}),
    answerReset: vi.fn<Backend['answerReset']>(async () => {}),
    chooseAgain: vi.fn<Backend['chooseAgain']>(async () => {}),
    authenticatorSecret: vi.fn<Backend['authenticatorSecret']>(async () => AUTHENTICATOR),
    rememberDevice: vi.fn<Backend['rememberDevice']>(async () => {}),
    answerCode: vi.fn<Backend['answerCode']>(async () => {}),
    resendCode: vi.fn<Backend['resendCode']>(async () => {}),
    signInInBrowser: vi.fn<Backend['signInInBrowser']>(async () => {}),
    openBrowserAgain: vi.fn<Backend['openBrowserAgain']>(async () => {}),
    browserLink: vi.fn<Backend['browserLink']>(async () => ADDRESS),
    pasteLink: vi.fn<Backend['pasteLink']>(async () => {}),
    setBrowserPage: vi.fn<Backend['setBrowserPage']>(async () => {}),
    dismissPasskeyTold: vi.fn<Backend['dismissPasskeyTold']>(async () => {}),
    dismissLinkNotice: vi.fn<Backend['dismissLinkNotice']>(async () => {}),
    cancel: vi.fn<Backend['cancel']>(async () => {}),
    signOut: vi.fn<Backend['signOut']>(async () => {}),
    signOutEverywhere: vi.fn<Backend['signOutEverywhere']>(async () => {}),
    retry: vi.fn<Backend['retry']>(async () => {}),
    proceedWithoutKeychain: vi.fn<Backend['proceedWithoutKeychain']>(async () => {}),
    connect: vi.fn<Backend['connect']>(async () => {}),
    disconnect: vi.fn<Backend['disconnect']>(async () => {}),
    unlock: vi.fn<Backend['unlock']>(async () => {}),
    wake: vi.fn<Backend['wake']>(async () => {}),
    demoUsers: vi.fn<Backend['demoUsers']>(async () => [
      { username: 'aiko', password: 'Green-Tea-42', clientId: 'devdesktop', provider: null, note: 'signs in with the password alone' },
    ]),
    chooseDemoClient: vi.fn<Backend['chooseDemoClient']>(async () => {}),
    picture: vi.fn<Backend['picture']>(async () => null),
    provePresence: vi.fn<Backend['provePresence']>(async () => {}),
    ...played,
  };
  return {
    backend: calls,
    calls,
    async send(next) {
      revision += 1;
      heard?.({ ...next, view: next.view && { ...next.view, revision } });
      await settle();
    },
  };
}

let mounted: ReturnType<typeof mount> | null = null;

/** Lets promises, effects and moves of the focus happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) {
    await tick();
    flushSync();
    await Promise.resolve();
  }
}

/** Opens the window on a backend, and waits for the first snapshot to be shown. */
export async function open(backend: Backend, tag = 'en'): Promise<void> {
  takeDown();
  mounted = mount(App, { target: document.body, props: { backend, language: languageFor([tag]) } });
  await settle();
}

export function takeDown(): void {
  if (mounted !== null) void unmount(mounted);
  flushSync();
  mounted = null;
  document.body.replaceChildren();
  document.documentElement.dataset['state'] = 'restoring';
}

export const all = (testid: string): HTMLElement[] => [
  ...document.querySelectorAll<HTMLElement>(`[data-testid="${testid}"]`),
];

export const find = (testid: string): HTMLElement | null => all(testid)[0] ?? null;

export function get(testid: string): HTMLElement {
  const found = find(testid);
  if (found === null) throw new Error(`nothing is called ${testid} in ${document.body.innerHTML}`);
  return found;
}

export const text = (testid: string): string => get(testid).textContent.trim().replace(/\s+/gu, ' ');

export const value = (testid: string): string => (get(testid) as HTMLInputElement).value;

export async function type(testid: string, typed: string): Promise<void> {
  const input = get(testid) as HTMLInputElement;
  input.focus();
  input.value = typed;
  input.dispatchEvent(new InputEvent('input', { bubbles: true }));
  await settle();
}

export async function click(testid: string): Promise<void> {
  get(testid).click();
  await settle();
}

export async function press(key: string): Promise<void> {
  (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  await settle();
}

/** What Enter in a field does: the browser submits the form by its submit button. */
export async function enter(testid: string): Promise<void> {
  const { form } = get(testid) as HTMLInputElement;
  form?.requestSubmit();
  await settle();
}

export const state = (): string | undefined => document.documentElement.dataset['state'];
