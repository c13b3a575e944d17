import type { Backend } from '../src/backend';
import type { Snapshot } from '../src/bindings/Snapshot';
import { accounts, refused } from './account';
import { OFFER } from './browser';
import { CONNECTION_PROBLEMS } from './connection';
import { pretend } from './pretend';
import { POLICY, scenes, signedIn, signedOut, snapshotOf } from './scenes';

/** One screen: what the backend says, and what is done in the window from there. */
export interface Picture {
  scene: Snapshot;
  backend: () => Backend;
  /** What is pressed, by its test id; `id=text` is typed. */
  steps: readonly string[];
}

const POOL = 'pool=https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbC123456';

/** What only the window knows of, by the scene it is in and the steps to it. */
const FURTHER: Record<string, readonly [scene: string, ...steps: string[]]> = {
  'signIn-nothingTyped': ['signedOut-keychain', 'sign-in'],
  'signIn-typed': ['signedOut-keychain', 'username=kazuko.yamada.with.a.rather.long.address@subsidiary.example.co.jp', 'password=Green-Tea-42', 'show-password'],
  'signIn-details': ['signedOut-clientSecretWrong', 'details'],
  signUp: ['signedOut-keychain', 'create-account'],
  'signUp-nothingTyped': ['signedOut-keychain', 'create-account', 'sign-up'],
  'signUp-byCodes': ['signedOut-USER_AUTH', 'create-account', 'turn-password'],
  forgotPassword: ['signedOut-keychain', 'forgot-password'],
  'forgotPassword-nothingTyped': ['signedOut-keychain', 'forgot-password', 'send-reset-code'],
  'signIn-replacing': ['unavailable-corrupt', 'sign-in-again'],
  'setUpAuthenticator-secret': ['setUpAuthenticator', 'no-camera'],
  'setUpAuthenticator-copied': ['setUpAuthenticator', 'no-camera', 'copy-link'],
  'code-sms-nothingTyped': ['code-sms', 'submit-code'],
  'newPassword-nothingTyped': ['newPassword-policy', 'submit-new-password'],
  'newPassword-differing': ['newPassword-policy', 'new-password=Green-Tea-42', 'new-password-repeat=Green-Tea-43', 'submit-new-password'],
  'signedIn-leaving': ['signedIn-due', 'sign-out'],
  'signedIn-details': ['retrying-clientSecretWrong', 'details'],
  'connect-nothingTyped': ['connect', 'connect'],
  'connect-secret': ['connect', 'has-secret'],
  'connect-change': ['signedOut-connected', 'change-pool'],
  'connect-forget': ['signedOut-connected', 'change-pool', 'forget'],
  'browser-pasting': ['browser-link', 'paste-link'],
  'browser-pasting-nothingTyped': ['browser-link', 'paste-link', 'use-link'],
  'browser-pasting-wrong': ['browser-paste', 'link=https://example.com/', 'use-link'],
  'browser-copied': ['browser-link', 'copy-link'],
  'browser-opened': ['signedOut-providers', 'continue-in-browser'],
  'stepUp-browser-pasting': ['stepUp-browser-link', 'paste-link'],
  'development-picked': ['development-signedOut', 'demo-user-ben'],
  'development-sought': ['development-signedOut', 'seek-demo-user=nobody has this name'],
};

const PASSWORDS = ['new-password=Green-Tea-43', 'new-password-repeat=Green-Tea-43'];
const OTHER_EMAIL = ['go-account', 'edit-email', 'value-email=aiko.tanaka@example.com', 'save-attribute'];
const DELETION = ['go-account', 'delete-account'];
const SIGN_IN_ONCE_MORE = ['password=Green-Tea-42', 'submit-password', 'choose-authenticator', 'code=123456', 'submit-code'];
const PROOF = ['prove-presence', ...SIGN_IN_ONCE_MORE];
const NEW_APP = ['go-security', 'set-up-authenticator', ...SIGN_IN_ONCE_MORE];

/** What is done on the pages of a signed-in user, by the steps to it. */
const PAGES: Record<string, readonly string[]> = {
  'account-editing': ['go-account', 'edit-name'],
  'account-editing-date': ['go-account', 'edit-birthdate'],
  'account-refused': ['go-account', 'edit-email', 'value-email=nothing', 'save-attribute'],
  'account-removing': ['go-account', 'edit-phone_number', 'delete-attribute'],
  'account-adding': ['go-account', 'add-attribute'],
  'account-saved': ['go-account', 'edit-name', 'value-name=Aiko Suzuki', 'save-attribute'],
  'account-verifying': OTHER_EMAIL,
  'account-verifying-wrong': [...OTHER_EMAIL, 'code=000000', 'verify-attribute'],
  'account-verifying-later': [...OTHER_EMAIL, 'later'],
  'account-deleting': DELETION,
  'account-deleting-proving': [...DELETION, 'prove-presence'],
  'account-deleting-notProved': [...DELETION, 'prove-presence', 'cancel'],
  'account-deleting-proved': [...DELETION, ...PROOF],
  'account-deleting-otherName': [...DELETION, ...PROOF, 'delete-name=kazuko', 'confirm-delete-account'],
  'account-leaving': ['go-account', 'sign-out'],
  'security-password': ['go-security', 'change-password'],
  'security-password-nothingTyped': ['go-security', 'change-password', 'save-password'],
  'security-password-wrong': ['go-security', 'change-password', 'current-password=wrong', ...PASSWORDS, 'save-password'],
  'security-password-changed': ['go-security', 'change-password', 'current-password=Green-Tea-42', ...PASSWORDS, 'save-password'],
  'security-authenticator': NEW_APP,
  'security-authenticator-secret': [...NEW_APP, 'no-camera'],
  'security-authenticator-wrong': [...NEW_APP, 'code=000000', 'submit-authenticator'],
  'security-turningOff': ['go-security', 'turn-off-authenticator'],
  'security-turningOff-proving': ['go-security', 'turn-off-authenticator', 'confirm-turn-off'],
  'security-turningOff-notProved': ['go-security', 'turn-off-authenticator', 'confirm-turn-off', 'cancel'],
  'security-turnedOn': ['go-security', 'turn-on-email'],
  'security-passkey': ['go-security', 'delete-passkey-pk1'],
  'devices-forgetting': ['go-devices', 'forget-phone'],
  'devices-forgetting-this': ['go-devices', 'forget-here'],
  'devices-renaming': ['go-devices', 'rename-phone'],
  'devices-forgotten': ['go-devices', 'forget-phone', 'confirm-forget'],
  'devices-sessionEnded': ['go-devices', 'end-session-sso1'],
};

/** Every screen by its name. `now` is by the pool's clock. */
export function pictures(now: number): Record<string, Picture> {
  const all = scenes(now);
  const made: Record<string, Picture> = {};
  const add = (name: string, scene: Snapshot | undefined, steps: readonly string[], backend = pretend): void => {
    if (scene === undefined) throw new Error(`there is no scene for ${name}`);
    made[name] = { scene, backend: () => backend(scene), steps };
  };
  for (const [name, scene] of Object.entries(all)) add(name, scene, []);
  for (const [name, [from, ...steps]] of Object.entries(FURTHER)) add(name, all[from], steps);
  const wanted = { signUpAttributes: ['email', 'name', 'birthdate', 'custom:favourite tea'], passwordPolicy: POLICY };
  add('signUp-attributes', snapshotOf(signedOut(), undefined, wanted), ['create-account']);
  for (const problem of Object.keys(CONNECTION_PROBLEMS)) {
    add(`connect-problem-${problem}`, all['connect'], [POOL, `client-id=${problem}`, 'connect']);
  }
  const inside = snapshotOf(signedIn(now), undefined, { passwordPolicy: POLICY });
  const held = accounts(now);
  for (const page of ['account', 'security', 'devices']) {
    const steps = [`go-${page}`];
    for (const [name, holding] of Object.entries(held)) {
      add(`${page}-${name}`, inside, steps, (scene) => pretend(scene, holding));
    }
    add(`${page}-offline`, inside, steps, (scene) => pretend(scene, held.full, 'unreachable'));
    add(`${page}-loading`, inside, steps, (scene) => waiting(pretend(scene, held.full)));
  }
  for (const state of ['asking', 'remembered', 'notRemembered'] as const) {
    add(`devices-${state}`, snapshotOf(signedIn(now, { device: { state } })), ['go-devices'], (scene) => pretend(scene, held.full));
  }
  for (const [name, steps] of Object.entries(PAGES)) add(name, inside, steps);
  for (const origin of ['native', 'browser'] as const) {
    const bare = snapshotOf(signedIn(now, { origin }), undefined, { browser: { ...OFFER, coversAccount: origin === 'native' } });
    for (const page of ['account', 'security', 'devices']) {
      add(`${page}-scopeMissing-${origin}`, bare, [`go-${page}`], (scene) => pretend(scene, held.full, 'scopeMissing'));
    }
  }
  const withBrowser = snapshotOf(signedIn(now, { origin: 'browser' }), undefined, { browser: OFFER });
  add('security-addingPasskey', withBrowser, ['go-security', 'add-passkey']);
  add('security-addingPasskey-unopened', withBrowser, ['go-security', 'add-passkey'], (scene) => {
    const addPasskey = (): Promise<never> => Promise.reject({ code: 'browserNotOpened', detail: null });
    return { ...pretend(scene), addPasskey };
  });
  for (const passkey of ['added', 'notAdded', 'notSignedIn'] as const) add(`security-passkey-${passkey}`, { ...withBrowser, passkey }, ['go-security']);
  add('account-leaving-browser', withBrowser, ['go-account', 'sign-out']);
  add('account-deleting-unknown', inside, [...DELETION, ...PROOF, 'delete-name=aiko', 'confirm-delete-account'], (scene) => {
    const deleteAccount = (): Promise<never> => Promise.reject(refused('deletionUnknown'));
    return { ...pretend(scene), deleteAccount };
  });
  return made;
}

/** A pool that has not answered yet. */
function waiting(backend: Backend): Backend {
  const never = (): Promise<never> => new Promise(() => {});
  return { ...backend, account: never, devices: never, passkeys: never, sessions: never };
}
