import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';

import type { Account } from './bindings/Account';
import type { AccountDevice } from './bindings/AccountDevice';
import type { AuthenticatorSetUp } from './bindings/AuthenticatorSetUp';
import type { BrowserPage } from './bindings/BrowserPage';
import type { CodeMethod } from './bindings/CodeMethod';
import type { CodeSent } from './bindings/CodeSent';
import type { DemoUser } from './bindings/DemoUser';
import type { Passkey } from './bindings/Passkey';
import type { SignInWay } from './bindings/SignInWay';
import type { Snapshot } from './bindings/Snapshot';
import type { UserSession } from './bindings/UserSession';

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
  /** Without a password the pool says how the user can sign in. */
  signIn(username: string, password: string | null): Promise<void>;
  /** An account without a password signs in by codes. */
  signUp(username: string, password: string | null, attributes: Record<string, string>): Promise<void>;
  forgotPassword(username: string): Promise<void>;
  answerNewPassword(password: string, attributes: Record<string, string>): Promise<void>;
  /** The code of a second factor, or of a new account: digits only. */
  answerCode(code: string): Promise<void>;
  answerWay(way: SignInWay): Promise<void>;
  answerPassword(password: string): Promise<void>;
  /** Which one to prove, or which one to set up. */
  answerSecondFactor(method: CodeMethod): Promise<void>;
  /** `device` is what to call the app from now on. */
  answerAuthenticator(code: string, device: string | null): Promise<void>;
  answerEmail(address: string): Promise<void>;
  answerCustom(answer: string): Promise<void>;
  /** The code that was sent, and the password to have from now on. */
  answerReset(code: string, password: string): Promise<void>;
  /** Back to the choice of ways. */
  chooseAgain(): Promise<void>;
  /** What the authenticator app is set up with, while that is on the screen. */
  authenticatorSecret(): Promise<AuthenticatorSetUp | null>;
  /** Answers whether the pool is to remember this device. */
  rememberDevice(remember: boolean): Promise<void>;
  /** Has the code sent once more. */
  resendCode(): Promise<void>;
  /** Begins a sign-in in the system's browser; with a provider's key, straight at that provider. */
  signInInBrowser(provider: string | null, loginHint: string | null): Promise<void>;
  /** Opens the browser once more on the same page, or on a new one where that has lapsed. */
  openBrowserAgain(): Promise<void>;
  /** The address that was opened, to be opened by hand; none where no sign-in waits for the browser. */
  browserLink(): Promise<string | null>;
  /** The link that the browser has ended on. Rejects with a `Fault` where it is of no use; the sign-in still waits then. */
  pasteLink(link: string): Promise<void>;
  /** The words of the page that the browser ends on, where it comes back by a port of this machine. */
  setBrowserPage(page: BrowserPage): Promise<void>;
  /** That a link changed nothing has been read. */
  dismissLinkNotice(): Promise<void>;
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
  /**
   * Has the system ask the user to unlock the keychain; rejects as `connect` does. With `goOn`, what could not be read
   * is read again.
   */
  unlock(goOn: boolean): Promise<void>;
  /** A good moment to try again: the window has the focus, the network is back. */
  wake(): Promise<void>;
  /** Only in development. */
  demoUsers(): Promise<DemoUser[]>;
  /** Goes on as another client of the development pool; resolves when that is done. Only in development. */
  chooseDemoClient(clientId: string): Promise<void>;
  /** The user's picture as a `data:` URL, fetched and checked by Rust. */
  picture(): Promise<string | null>;
  /** Begins a fresh sign-in of the user who is signed in; what is dangerous needs it. */
  provePresence(): Promise<void>;
  // Each of these resolves when the pool has answered, and rejects with an `AccountProblem`.
  account(): Promise<Account>;
  /** Resolves to the codes that were sent because of it. */
  changeAttributes(values: Record<string, string>): Promise<CodeSent[]>;
  deleteAttributes(names: string[]): Promise<void>;
  sendAttributeCode(attribute: string): Promise<CodeSent>;
  verifyAttribute(attribute: string, code: string): Promise<void>;
  /** Without a previous one, whoever has none sets one. */
  changePassword(previous: string | null, proposed: string): Promise<void>;
  beginAuthenticator(): Promise<AuthenticatorSetUp>;
  /** `device` is what to call the app from now on. */
  confirmAuthenticator(code: string, device: string | null): Promise<void>;
  /** By text message or by e-mail. */
  enableSecondFactor(method: CodeMethod): Promise<void>;
  /** Needs presence. */
  disableSecondFactor(method: CodeMethod): Promise<void>;
  /** Which one is asked for first; with none, the user is asked. */
  preferSecondFactor(method: CodeMethod | null): Promise<void>;
  /** None where the pool tracks no devices. */
  devices(): Promise<AccountDevice[] | null>;
  forgetDevice(key: string): Promise<void>;
  /** None where the pool has no passkeys. */
  passkeys(): Promise<Passkey[] | null>;
  deletePasskey(id: string): Promise<void>;
  /** Opens the pool's page for a new passkey in the browser. */
  addPasskey(): Promise<void>;
  /** What came of that page has been read. */
  dismissPasskeyTold(): Promise<void>;
  /** None where the pool does not track sessions. */
  sessions(): Promise<UserSession[] | null>;
  revokeSession(id: string): Promise<void>;
  /** Needs presence, and the name that the window shows the account as. */
  deleteAccount(name: string): Promise<void>;
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
  signUp: (username, password, attributes) => ask('sign_up', { username, password, attributes }),
  forgotPassword: (username) => ask('forgot_password', { username }),
  answerNewPassword: (password, attributes) => ask('answer_new_password', { password, attributes }),
  answerCode: (code) => ask('answer_code', { code }),
  answerWay: (way) => ask('answer_way', { way }),
  answerPassword: (password) => ask('answer_password', { password }),
  answerSecondFactor: (method) => ask('answer_second_factor', { method }),
  answerAuthenticator: (code, device) => ask('answer_authenticator', { code, device }),
  answerEmail: (address) => ask('answer_email', { address }),
  answerCustom: (answer) => ask('answer_custom', { answer }),
  answerReset: (code, password) => ask('answer_reset', { code, password }),
  chooseAgain: () => ask('choose_again'),
  authenticatorSecret: () => ask('authenticator_secret'),
  rememberDevice: (remember) => ask('remember_device', { remember }),
  resendCode: () => ask('resend_code'),
  signInInBrowser: (provider, loginHint) => ask('sign_in_in_browser', { provider, loginHint }),
  openBrowserAgain: () => ask('open_browser_again'),
  browserLink: () => ask('browser_link'),
  pasteLink: (link) => ask('paste_link', { link }),
  setBrowserPage: (page) => ask('set_browser_page', { page }),
  dismissLinkNotice: () => ask('dismiss_link_notice'),
  cancel: () => ask('cancel'),
  signOut: () => ask('sign_out'),
  signOutEverywhere: () => ask('sign_out_everywhere'),
  retry: () => ask('retry'),
  proceedWithoutKeychain: () => ask('proceed_without_keychain'),
  connect: (pool, clientId, clientSecret) => ask('connect', { pool, clientId, clientSecret }),
  disconnect: () => ask('disconnect'),
  unlock: (goOn) => ask('unlock', { goOn }),
  wake: () => ask('wake'),
  demoUsers: () => ask('demo_users'),
  chooseDemoClient: (clientId) => ask('choose_demo_client', { clientId }),
  picture: () => ask('picture'),
  provePresence: () => ask('prove_presence'),
  account: () => ask('account'),
  changeAttributes: (values) => ask('change_attributes', { values }),
  deleteAttributes: (names) => ask('delete_attributes', { names }),
  sendAttributeCode: (attribute) => ask('send_attribute_code', { attribute }),
  verifyAttribute: (attribute, code) => ask('verify_attribute', { attribute, code }),
  changePassword: (previous, proposed) => ask('change_password', { previous, proposed }),
  beginAuthenticator: () => ask('begin_authenticator'),
  confirmAuthenticator: (code, device) => ask('confirm_authenticator', { code, device }),
  enableSecondFactor: (method) => ask('enable_second_factor', { method }),
  disableSecondFactor: (method) => ask('disable_second_factor', { method }),
  preferSecondFactor: (method) => ask('prefer_second_factor', { method }),
  devices: () => ask('devices'),
  forgetDevice: (key) => ask('forget_device', { key }),
  passkeys: () => ask('passkeys'),
  deletePasskey: (id) => ask('delete_passkey', { id }),
  addPasskey: () => ask('add_passkey'),
  dismissPasskeyTold: () => ask('dismiss_passkey_told'),
  sessions: () => ask('sessions'),
  revokeSession: (id) => ask('revoke_session', { id }),
  deleteAccount: (name) => ask('delete_account', { name }),
};
