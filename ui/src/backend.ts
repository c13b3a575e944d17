import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';

import type { DemoUser } from './bindings/DemoUser';
import type { Snapshot } from './bindings/Snapshot';

/**
 * What the window may ask for. Every command returns at once; what comes of it arrives as a snapshot.
 * A promise that rejects says only that the command was not carried out.
 */
export interface Backend {
  /** Calls `heard` with every snapshot from now on; resolves, once it is listening, to what ends that. */
  listen(heard: (snapshot: Snapshot) => void): Promise<() => void>;
  snapshot(): Promise<Snapshot>;
  signIn(username: string, password: string): Promise<void>;
  answerNewPassword(password: string, attributes: Record<string, string>): Promise<void>;
  /** Gives up the sign-in that is under way, or closes what it failed with. */
  cancel(): Promise<void>;
  signOut(): Promise<void>;
  /** Try now, unlock, look again: whatever is waiting, now. */
  retry(): Promise<void>;
  proceedWithoutKeychain(): Promise<void>;
  /** A good moment to try again: the window has the focus, the network is back. */
  wake(): Promise<void>;
  /** Only in development. */
  demoUsers(): Promise<DemoUser[]>;
  /** The user's picture as a `data:` URL, fetched and checked by Rust. */
  picture(): Promise<string | null>;
}

const EVENT = 'cognito://snapshot';

const ask = <T>(command: string, args?: Record<string, unknown>): Promise<T> =>
  invoke<T>(`plugin:cognito|${command}`, args);

/** The app's own. */
export const tauri: Backend = {
  listen: (heard) => listen<Snapshot>(EVENT, ({ payload }) => heard(payload)),
  snapshot: () => ask('snapshot'),
  signIn: (username, password) => ask('sign_in', { username, password }),
  answerNewPassword: (password, attributes) => ask('answer_new_password', { password, attributes }),
  cancel: () => ask('cancel'),
  signOut: () => ask('sign_out'),
  retry: () => ask('retry'),
  proceedWithoutKeychain: () => ask('proceed_without_keychain'),
  wake: () => ask('wake'),
  demoUsers: () => ask('demo_users'),
  picture: () => ask('picture'),
};
