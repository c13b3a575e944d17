import type { AttemptView } from '../src/bindings/AttemptView';
import type { FaultCode } from '../src/bindings/FaultCode';
import type { PasswordPolicy } from '../src/bindings/PasswordPolicy';
import type { RenewalView } from '../src/bindings/RenewalView';
import type { SecretPlace } from '../src/bindings/SecretPlace';
import type { SessionView } from '../src/bindings/SessionView';
import type { SettingFault } from '../src/bindings/SettingFault';
import type { SettingProblem } from '../src/bindings/SettingProblem';
import type { Setup } from '../src/bindings/Setup';
import type { Snapshot } from '../src/bindings/Snapshot';
import type { Source } from '../src/bindings/Source';
import type { Storage } from '../src/bindings/Storage';
import type { UnavailableCause } from '../src/bindings/UnavailableCause';
import { deciding, idle } from './attempts';
import { browsing } from './browser';
import { conversations } from './conversations';
import { leaving, proving } from './leaving';

const MINUTE = 60_000;

/** Every member of a closed set; one that is forgotten does not compile. */
const all = <Key extends string>(set: Record<Key, true>): Key[] => Object.keys(set) as Key[];

export const FAULT_CODES: FaultCode[] = all<FaultCode>({
  unreachable: true,
  timedOut: true,
  certificateUntrusted: true,
  proxyRefused: true,
  notThePool: true,
  throttled: true,
  poolTrouble: true,
  wrongCredentials: true,
  tooManyAttempts: true,
  userDisabled: true,
  userNotConfirmed: true,
  passwordResetRequired: true,
  passwordRejected: true,
  passwordReused: true,
  attributeRejected: true,
  codeWrong: true,
  codeExpired: true,
  codeUsed: true,
  codeNotSent: true,
  secondFactorMissing: true,
  challengeExpired: true,
  usernameTaken: true,
  aliasTaken: true,
  signUpNotAllowed: true,
  alreadyConfirmed: true,
  cannotResetPassword: true,
  authenticatorCodeWrong: true,
  deviceUnknown: true,
  wrongPassword: true,
  attributeNotWritable: true,
  secondFactorNotPossible: true,
  secondFactorRequired: true,
  alreadyGone: true,
  customAnswerWrong: true,
  notTheUsersChoice: true,
  refusedByRule: true,
  signInRefused: true,
  refreshTokenExpired: true,
  refreshTokenRevoked: true,
  refreshTokenReused: true,
  userGone: true,
  renewalRefused: true,
  refusalUnconfirmed: true,
  accessTokenRevoked: true,
  scopeMissing: true,
  poolUnknown: true,
  clientUnknown: true,
  clientSecretMissing: true,
  clientSecretWrong: true,
  flowNotEnabled: true,
  parameterRejected: true,
  blocked: true,
  triggerFailed: true,
  operationUnavailable: true,
  answerUnusable: true,
  linkUnusable: true,
  linkNotAwaited: true,
  browserDeclined: true,
  browserCodeRefused: true,
  tokensNotGenuine: true,
  managedLoginMissing: true,
  browserNotOpened: true,
  browserSilent: true,
  presenceStale: true,
  providerMayNotAsk: true,
  somebodyElse: true,
  deletionUnknown: true,
});

export const CAUSES: UnavailableCause[] = all<UnavailableCause>({
  locked: true,
  absent: true,
  denied: true,
  corrupt: true,
  newer: true,
  silent: true,
});

const STORAGES: Storage[] = all<Storage>({ keychain: true, unsaved: true, thisRunOnly: true });

const SECRET_PLACES: SecretPlace[] = all<SecretPlace>({
  none: true,
  setting: true,
  keychain: true,
  keychainMissing: true,
  keychainUnread: true,
});

const SOURCES: Source[] = all<Source>({ environment: true, configFile: true, compiledIn: true, development: true });

const PROBLEMS: { [Kind in SettingProblem['kind']]: Extract<SettingProblem, { kind: Kind }> } = {
  missing: { kind: 'missing' },
  notAUrl: { kind: 'notAUrl' },
  notHttps: { kind: 'notHttps' },
  noPoolId: { kind: 'noPoolId' },
  unknownHost: { kind: 'unknownHost', host: 'pool.example.com' },
  regionMismatch: { kind: 'regionMismatch', hostRegion: 'eu-west-1', poolRegion: 'us-east-1' },
  unexpectedPart: { kind: 'unexpectedPart' },
  clientIdForm: { kind: 'clientIdForm' },
  clientSecretForm: { kind: 'clientSecretForm' },
  fileUnreadable: { kind: 'fileUnreadable', reason: 'No such file or directory (os error 2)' },
  noCertificates: { kind: 'noCertificates' },
  notAText: { kind: 'notAText' },
  configFileForm: { kind: 'configFileForm', reason: 'expected `,` or `}` at line 3 column 5' },
  unknownSetting: { kind: 'unknownSetting', name: 'clientID' },
  proxyForm: { kind: 'proxyForm' },
  passwordPolicyForm: { kind: 'passwordPolicyForm', reason: 'minimumLength is 3, and has to be 6 to 99' },
  validityForm: { kind: 'validityForm' },
  authFlowUnknown: { kind: 'authFlowUnknown' },
  sessionValidityForm: { kind: 'sessionValidityForm' },
  signUpAttributesForm: { kind: 'signUpAttributesForm' },
  domainForm: { kind: 'domainForm' },
  redirectForm: { kind: 'redirectForm' },
  redirectScheme: { kind: 'redirectScheme', scheme: 'other-app' },
  scopeForm: { kind: 'scopeForm' },
  openidMissing: { kind: 'openidMissing' },
  providerForm: { kind: 'providerForm' },
  promptUnknown: { kind: 'promptUnknown' },
  resourceForm: { kind: 'resourceForm' },
};

/** Slips in the settings of the sign-in through the browser, which is not offered then. */
const BROWSER_SLIPS = [
  ['COGNITO_DOMAIN', 'domainForm', 'auth.example.com/login'],
  ['COGNITO_REDIRECT_URIS', 'redirectForm', 'https://example.com/callback'],
  ['COGNITO_REDIRECT_URIS', 'redirectScheme', 'other-app://sign-in/callback'],
  ['COGNITO_SCOPES', 'scopeForm', 'openid "email"'],
  ['COGNITO_SCOPES', 'openidMissing', 'email profile'],
  ['COGNITO_IDENTITY_PROVIDERS', 'providerForm', '[{"label": "Google"}]'],
  ['COGNITO_PROMPT', 'promptUnknown', 'always'],
  ['COGNITO_RESOURCE', 'resourceForm', 'my-api'],
] as const;

type Ready = Extract<Setup, { kind: 'ready' }>;
type SignedIn = Extract<SessionView, { state: 'signedIn' }>;
type SignedOut = Extract<SessionView, { state: 'signedOut' }>;

const READY: Ready = {
  kind: 'ready',
  issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123456',
  clientId: '1example23456789',
  clientSecret: 'none',
  source: 'environment',
  endpointOverride: null,
  development: false,
  warnings: [],
  passwordPolicy: null,
  refreshTokenValidityS: null,
  authFlow: null,
  authSessionValidityS: null,
  signUpAttributes: null,
  browser: null,
};

/** A pool's rules for passwords, all of them. */
export const POLICY: PasswordPolicy = {
  minimumLength: 10,
  requireLowercase: true,
  requireUppercase: true,
  requireNumbers: true,
  requireSymbols: true,
};

const IDLE: AttemptView = idle();

const SIGNED_OUT: SignedOut = { state: 'signedOut', ended: null, login: null, storage: 'keychain', unfinished: null };

/** A snapshot of these parts; whatever is not given is unremarkable. */
export function snapshotOf(
  session: SessionView,
  attempt: AttemptView = IDLE,
  setup: Partial<Ready> = {},
  rest: Partial<Omit<Snapshot, 'setup' | 'view'>> = {},
): Snapshot {
  return {
    setup: { ...READY, ...setup },
    view: { revision: 1, clockOffsetMs: 0, session, attempt, presenceUntil: null },
    panicked: false,
    logFolder: '/home/aiko/.local/share/org.cognitodesktop.client/logs',
    linkNotice: null,
    passkey: null,
    ...rest,
  };
}

export const signedOut = (given: Partial<SignedOut> = {}): SignedOut => ({ ...SIGNED_OUT, ...given });

export const signedIn = (now: number, given: Partial<SignedIn> = {}): SignedIn => ({
  state: 'signedIn',
  user: {
    sub: '5e1f0c0a-9b1d-4c55-8a3e-6f2d7c1b9a01',
    username: 'aiko',
    name: 'Aiko Tanaka',
    email: 'aiko@example.com',
    emailVerified: true,
    picture: null,
    groups: ['engineering', 'tea'],
    providers: [],
  },
  since: now - 190 * MINUTE,
  renewedAt: now - 12 * MINUTE - 5_000,
  expiresAt: now + 48 * MINUTE,
  renewal: { state: 'due', at: now + 41 * MINUTE },
  storage: 'keychain',
  everywhere: null,
  device: null,
  origin: 'native',
  ...given,
});

const brokenBy = (faults: SettingFault[], connectable = false): Snapshot => ({
  setup: {
    kind: 'broken',
    faults,
    configFile: '/home/aiko/.config/org.cognitodesktop.client/cognito.json',
    connectable,
    issuer: null,
    clientId: null,
  },
  view: null,
  panicked: false,
  logFolder: null,
  linkNotice: null,
  passkey: null,
});

const NOTHING_SET: SettingFault[] = [
  { setting: 'COGNITO_ISSUER', value: null, source: null, problem: PROBLEMS.missing },
  { setting: 'COGNITO_CLIENT_ID', value: null, source: null, problem: PROBLEMS.missing },
];

/** Nothing is configured, and the window may connect. */
export const unconnected = (): Snapshot => brokenBy(NOTHING_SET, true);

const DETAIL = 'The words of the pool itself.';

/** Every variant of what the backend can say, by a name. `now` is by the pool's clock. */
export function scenes(now: number): Record<string, Snapshot> {
  const made: Record<string, Snapshot> = {};
  made['restoring'] = snapshotOf({ state: 'restoring' });
  for (const cause of CAUSES) {
    made[`unavailable-${cause}`] = snapshotOf({ state: 'unavailable', cause, asking: false });
    made[`unavailable-${cause}-asking`] = snapshotOf({ state: 'unavailable', cause, asking: true });
  }
  made['unavailable-corrupt-wrong'] = snapshotOf(
    { state: 'unavailable', cause: 'corrupt', asking: false },
    idle({ fault: { code: 'wrongCredentials', detail: null } }),
  );
  for (const storage of STORAGES) made[`signedOut-${storage}`] = snapshotOf(signedOut({ storage }));
  made['signedOut-login'] = snapshotOf(signedOut({ login: 'aiko@example.com' }));
  made['deciding'] = snapshotOf(signedOut({ login: 'aiko' }), deciding());
  for (const code of FAULT_CODES) {
    made[`signedOut-${code}`] = snapshotOf(signedOut({ login: 'aiko' }), idle({ fault: { code, detail: DETAIL } }));
    made[`ended-${code}`] = snapshotOf(
      signedOut({
        login: 'aiko',
        ended: { at: now - 180 * MINUTE, cause: { kind: 'byPool', fault: { code, detail: DETAIL } } },
      }),
    );
    made[`retrying-${code}`] = snapshotOf(
      signedIn(now, { renewal: { state: 'retrying', at: now + 20_000, tries: 3, fault: { code, detail: DETAIL } } }),
    );
  }
  Object.assign(made, leaving(now), proving(now), conversations(now), browsing(now));
  const renewals: Record<string, RenewalView> = {
    due: { state: 'due', at: now + 41 * MINUTE },
    late: { state: 'due', at: now - 5_000 },
    running: { state: 'running', after: null },
    runningAgain: { state: 'running', after: { code: 'timedOut', detail: null } },
  };
  for (const [name, renewal] of Object.entries(renewals)) made[`signedIn-${name}`] = snapshotOf(signedIn(now, { renewal }));
  for (const storage of STORAGES) made[`signedIn-${storage}`] = snapshotOf(signedIn(now, { storage }));
  made['signedIn-unsaved-offline'] = snapshotOf(
    signedIn(now, {
      storage: 'unsaved',
      expiresAt: now - 12 * MINUTE,
      renewal: { state: 'retrying', at: now + 20_000, tries: 3, fault: { code: 'unreachable', detail: DETAIL } },
    }),
  );
  made['signedIn-bare'] = snapshotOf(
    signedIn(now, {
      user: {
        sub: '0b6f3d52-3c0e-4a77-9d2f-1e8a5b7c4d02',
        username: '0b6f3d52-3c0e-4a77-9d2f-1e8a5b7c4d02',
        name: null,
        email: null,
        emailVerified: false,
        picture: null,
        groups: [],
        providers: [],
      },
    }),
  );
  made['signedIn-kazuko'] = snapshotOf(
    signedIn(now, {
      user: {
        sub: 'af92c0d7-e583-420a-9c4e-a6b7d3029f11',
        username: 'kazuko',
        name: '山田 和子',
        email: 'kazuko.yamada.with.a.rather.long.address@subsidiary.example.co.jp',
        emailVerified: false,
        picture: 'https://example.com/kazuko.png',
        groups: ['営業'],
        providers: [],
      },
    }),
  );
  made['signedIn-everywhere-running'] = snapshotOf(signedIn(now, { everywhere: { state: 'running' } }));
  made['signedIn-everywhere-failed'] = snapshotOf(
    signedIn(now, { everywhere: { state: 'failed', fault: { code: 'unreachable', detail: DETAIL } } }),
  );
  made['signedIn-again'] = snapshotOf(signedIn(now), IDLE, { refreshTokenValidityS: 30 * 24 * 3600 });
  made['signedIn-again-soon'] = snapshotOf(signedIn(now), IDLE, { refreshTokenValidityS: 200 * 60 });
  const development: Partial<Ready> = {
    issuer: 'http://127.0.0.1:9229/us-east-1_DevPool',
    clientId: 'devdesktop',
    development: true,
  };
  made['development-signedOut'] = snapshotOf(signedOut(), IDLE, development);
  made['development-signedIn'] = snapshotOf(signedIn(now), IDLE, development);
  const overridden: Partial<Ready> = { endpointOverride: 'http://127.0.0.1:4570/', warnings: [{ kind: 'secretCompiledIn' }] };
  made['overridden-signedOut'] = snapshotOf(signedOut(), IDLE, overridden);
  made['overridden-signedIn'] = snapshotOf(signedIn(now), IDLE, overridden);
  const slip: Partial<Ready> = {
    warnings: [
      {
        kind: 'setting',
        fault: { setting: 'COGNITO_REFRESH_TOKEN_VALIDITY', value: '1 month', source: 'configFile', problem: PROBLEMS.validityForm },
      },
    ],
  };
  made['signedOut-slip'] = snapshotOf(signedOut(), IDLE, slip);
  made['signedIn-slip'] = snapshotOf(signedIn(now), IDLE, slip);
  for (const [setting, kind, value] of BROWSER_SLIPS) {
    const fault: SettingFault = { setting, value, source: 'environment', problem: PROBLEMS[kind] };
    made[`signedOut-slip-${kind}`] = snapshotOf(signedOut(), IDLE, { warnings: [{ kind: 'setting', fault }] });
  }
  made['signedOut-linksNotRegistered'] = snapshotOf(signedOut(), IDLE, {
    warnings: [{ kind: 'linksNotRegistered', reason: 'Permission denied (os error 13)' }],
  });
  made['panicked-signedOut'] = snapshotOf(signedOut(), IDLE, {}, { panicked: true });
  made['panicked-signedIn'] = snapshotOf(signedIn(now), IDLE, {}, { panicked: true, logFolder: null });
  const CONFIG_FILE = '/home/aiko/.config/org.cognitodesktop.client/cognito.json';
  made['connect'] = unconnected();
  made['connect-unreadable'] = brokenBy(
    [
      ...NOTHING_SET,
      { setting: CONFIG_FILE, value: null, source: 'configFile', problem: PROBLEMS.configFileForm },
    ],
    true,
  );
  made['connect-proxy'] = brokenBy(
    [
      ...NOTHING_SET,
      { setting: 'HTTPS_PROXY', value: 'not a proxy', source: 'environment', problem: PROBLEMS.proxyForm },
    ],
    true,
  );
  made['connect-slip'] = brokenBy(
    [
      {
        setting: 'COGNITO_ISSUER',
        value: 'https://cognito-idp.eu-west-1.amazonaws.com/us-east-1_AbC123456',
        source: 'configFile',
        problem: PROBLEMS.regionMismatch,
      },
    ],
    true,
  );
  for (const clientSecret of SECRET_PLACES) {
    made[`signedOut-connected-${clientSecret}`] = snapshotOf(signedOut({ storage: 'thisRunOnly' }), IDLE, {
      source: 'configFile',
      clientSecret,
    });
  }
  made['signedOut-connected'] = snapshotOf(signedOut(), IDLE, { source: 'configFile' });
  made['misconfigured-missing'] = brokenBy(NOTHING_SET);
  made['misconfigured-secret'] = brokenBy([
    { setting: 'COGNITO_CLIENT_SECRET', value: null, source: 'compiledIn', problem: PROBLEMS.clientSecretForm },
  ]);
  for (const problem of Object.values(PROBLEMS)) {
    if (problem.kind === 'missing') continue;
    made[`misconfigured-${problem.kind}`] = brokenBy(
      SOURCES.map((source) => ({
        setting: 'COGNITO_ISSUER',
        value: 'https://cognito-idp.eu-west-1.amazonaws.com/us-east-1_AbC123456',
        source,
        problem,
      })),
    );
  }
  return made;
}
