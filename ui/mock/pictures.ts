import type { Snapshot } from '../src/bindings/Snapshot';
import { CONNECTION_PROBLEMS } from './connection';
import { POLICY, scenes, signedOut, snapshotOf } from './scenes';

/** One screen: what the backend says, and what is done in the window from there. */
export interface Picture {
  scene: Snapshot;
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
  'development-picked': ['development-signedOut', 'demo-user-ben'],
  'development-sought': ['development-signedOut', 'seek-demo-user=nobody has this name'],
};

/** Every screen by its name. `now` is by the pool's clock. */
export function pictures(now: number): Record<string, Picture> {
  const all = scenes(now);
  const made: Record<string, Picture> = {};
  for (const [name, scene] of Object.entries(all)) made[name] = { scene, steps: [] };
  const wanted = { signUpAttributes: ['email', 'name', 'birthdate', 'custom:favourite tea'], passwordPolicy: POLICY };
  made['signUp-attributes'] = { scene: snapshotOf(signedOut(), undefined, wanted), steps: ['create-account'] };
  for (const [name, [from, ...steps]] of Object.entries(FURTHER)) {
    const scene = all[from];
    if (scene === undefined) throw new Error(`there is no scene ${from}`);
    made[name] = { scene, steps };
  }
  const connect = all['connect'];
  for (const problem of Object.keys(CONNECTION_PROBLEMS)) {
    if (connect !== undefined) made[`connect-problem-${problem}`] = { scene: connect, steps: [POOL, `client-id=${problem}`, 'connect'] };
  }
  return made;
}
