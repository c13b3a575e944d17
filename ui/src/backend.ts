import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';

import type { DemoUser } from './bindings/DemoUser';
import type { Snapshot } from './bindings/Snapshot';

/**
 * What the window may ask for. Unless it says otherwise, a command returns at once, and what comes of it arrives as a
 * snapshot.
 * A promise that rejects says only that the command was not carried out.
 */
export interface Backend {
  /** Calls `heard` with every snapshot from now on; resolves, once it is listening, to what ends that. */
  listen(heard: (snapshot: Snapshot) => void): Promise<() => void>;
  snapshot(): Promise<Snapshot>;
  /** Somebody has begun to type: makes ready what needs neither name nor password. Nothing is sent to the pool. */
  prepare(): Promise<void>;
  signIn(username: string, password: string): Promise<void>;
  answerNewPassword(password: string, attributes: Record<string, string>): Promise<void>;
  /** The code of a second factor: digits only. */
  answerCode(code: string): Promise<void>;
  /** Has the code sent once more. */
  resendCode(): Promise<void>;
  /** Gives up the sign-in that is under way, or closes what it or signing out everywhere failed with. */
  cancel(): Promise<void>;
  signOut(): Promise<void>;
  /** On every device; the session goes on until the pool has done it. */
  signOutEverywhere(): Promise<void>;
  /** Try now, unlock, look again: whatever is waiting, now. */
  retry(): Promise<void>;
  proceedWithoutKeychain(): Promise<void>;
  /**
   * Checks the pool, saves it and works with it from now on; resolves when that is done. Rejects with a
   * `ConnectionProblem`, and then nothing is saved.
   */
  connect(pool: string, clientId: string, clientSecret: string | null): Promise<void>;
  /** Forgets the pool that was connected; resolves and rejects as `connect` does. */
  disconnect(): Promise<void>;
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
  prepare: () => ask('prepare'),
  signIn: (username, password) => ask('sign_in', { username, password }),
  answerNewPassword: (password, attributes) => ask('answer_new_password', { password, attributes }),
  answerCode: (code) => ask('answer_code', { code }),
  resendCode: () => ask('resend_code'),
  cancel: () => ask('cancel'),
  signOut: () => ask('sign_out'),
  signOutEverywhere: () => ask('sign_out_everywhere'),
  retry: () => ask('retry'),
  proceedWithoutKeychain: () => ask('proceed_without_keychain'),
  connect: (pool, clientId, clientSecret) => ask('connect', { pool, clientId, clientSecret }),
  disconnect: () => ask('disconnect'),
  wake: () => ask('wake'),
  demoUsers: () => ask('demo_users'),
  picture: () => ask('picture'),
};
