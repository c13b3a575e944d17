import type { FaultCode } from '../bindings/FaultCode';
import type { SettingProblem } from '../bindings/SettingProblem';
import type { Source } from '../bindings/Source';
import type { Storage } from '../bindings/Storage';
import type { UnavailableCause } from '../bindings/UnavailableCause';

/** What happened, in words that fit a sign-in, a renewal and an ended session alike; and what to do about it. */
interface FaultWords {
  what: string;
  next: string;
}

interface UnavailableWords {
  title: string;
  text: string;
  /** What the user can do, as paragraphs. */
  steps: string[];
}

interface ProblemWords {
  what: string;
  fix: string;
}

type Problems = {
  [Kind in SettingProblem['kind']]: (problem: Extract<SettingProblem, { kind: Kind }>, setting: string) => ProblemWords;
};

const faults: Record<FaultCode, FaultWords> = {
  unreachable: {
    what: 'The user pool cannot be reached.',
    next: 'Check the network connection, then try again.',
  },
  timedOut: {
    what: 'The user pool did not answer in time.',
    next: 'The connection may be slow. Try again in a moment.',
  },
  certificateUntrusted: {
    what: 'The server’s certificate is not trusted.',
    next: 'If your network inspects encrypted traffic, ask your administrator for its certificate and name it in AWS_CA_BUNDLE.',
  },
  proxyRefused: {
    what: 'A proxy between here and the user pool refused.',
    next: 'It may want a user name and a password. Ask your administrator what HTTPS_PROXY has to be.',
  },
  notThePool: {
    what: 'Something else answered in place of the user pool.',
    next: 'On a guest network, open a web page first and accept its terms. Then try again.',
  },
  throttled: {
    what: 'The user pool is receiving too many requests.',
    next: 'Wait a minute, then try again.',
  },
  poolTrouble: {
    what: 'The user pool has a problem of its own.',
    next: 'There is nothing to change here. Try again in a few minutes.',
  },
  wrongCredentials: {
    what: 'The user name or the password is wrong.',
    next: 'Check both and try again.',
  },
  tooManyAttempts: {
    what: 'There were too many attempts.',
    next: 'Wait a few minutes before the next one. Each attempt until then makes the wait longer.',
  },
  userDisabled: {
    what: 'An administrator has disabled this account.',
    next: 'Ask your administrator to enable it.',
  },
  userNotConfirmed: {
    what: 'This account has not been confirmed yet.',
    next: 'Sign in with its name and enter the code that is sent then, or ask your administrator to confirm the account.',
  },
  passwordResetRequired: {
    what: 'The password of this account has to be reset.',
    next: 'Choose “Forgot password?” to set a new one with a code.',
  },
  passwordRejected: {
    what: 'The pool does not accept this password.',
    next: 'Choose one that is longer, or that mixes upper and lower case, digits and symbols.',
  },
  passwordReused: {
    what: 'You have used this password before.',
    next: 'Choose one that is new.',
  },
  attributeRejected: {
    what: 'The pool does not accept one of these details.',
    next: 'Check what you entered and try again.',
  },
  codeWrong: {
    what: 'This code is wrong.',
    next: 'Check it and enter it again.',
  },
  codeExpired: {
    what: 'This code has expired.',
    next: 'Enter a newer one.',
  },
  codeUsed: {
    what: 'This code has been used before.',
    next: 'Wait for the next one in your authenticator app, at most half a minute, and enter that.',
  },
  codeNotSent: {
    what: 'The pool could not send the code.',
    next: 'Try again in a moment. If it fails again, ask your administrator.',
  },
  secondFactorMissing: {
    what: 'This account needs a second factor and has none that the pool could ask for.',
    next: 'Ask your administrator to set one up for you.',
  },
  challengeExpired: {
    what: 'The sign-in took longer than the pool allows.',
    next: 'Sign in again to start over.',
  },
  usernameTaken: {
    what: 'This user name is taken.',
    next: 'Choose another one. If it is yours, go back and sign in.',
  },
  aliasTaken: {
    what: 'Another account has this e-mail address or phone number.',
    next: 'If that account is yours, go back and sign in to it. Otherwise enter another one.',
  },
  signUpNotAllowed: {
    what: 'Nobody can create an account here by themselves.',
    next: 'Ask your administrator to create one for you.',
  },
  alreadyConfirmed: {
    what: 'This account is confirmed already.',
    next: 'Go back and sign in.',
  },
  cannotResetPassword: {
    what: 'There is no verified e-mail address or phone number that a code could be sent to.',
    next: 'Ask your administrator to reset the password.',
  },
  authenticatorCodeWrong: {
    what: 'This code does not fit the QR code above.',
    next: 'Make sure that the app has scanned this very code and that the phone’s clock is right. Then enter the newest code.',
  },
  deviceUnknown: {
    what: 'The pool does not know this device any more.',
    next: 'Sign in again; your second factor may be asked for.',
  },
  wrongPassword: {
    what: 'The current password is wrong.',
    next: 'Enter the password you sign in with now. If you have forgotten it, sign out and choose “Forgot password?”.',
  },
  attributeNotWritable: {
    what: 'This detail cannot be changed here.',
    next: 'The pool does not let users change it in this app. Ask your administrator.',
  },
  secondFactorNotPossible: {
    what: 'This second factor cannot be turned on.',
    next: 'The e-mail address or phone number it uses has to be there and verified, and the pool has to offer it.',
  },
  secondFactorRequired: {
    what: 'The pool requires a second factor, and this is the last one.',
    next: 'Turn on another one first.',
  },
  alreadyGone: {
    what: 'It is not there any more.',
    next: 'It was taken away in the meantime. There is nothing left to do.',
  },
  customAnswerWrong: {
    what: 'The answer was not right, and the pool has ended this sign-in.',
    next: 'Sign in again to get another question.',
  },
  notTheUsersChoice: {
    what: 'The pool does not offer this way to you.',
    next: 'Choose another one.',
  },
  refusedByRule: {
    what: 'A rule of the pool’s owner refused.',
    next: 'The details say why, in the owner’s words. If they do not help, ask your administrator.',
  },
  signInRefused: {
    what: 'The pool refused the sign-in and does not say why.',
    next: 'Ask your administrator; the details below will help.',
  },
  refreshTokenExpired: {
    what: 'The session reached the end of its life, which the pool decides.',
    next: 'Sign in again to go on.',
  },
  refreshTokenRevoked: {
    what: 'The session was ended elsewhere: from another device, or by an administrator.',
    next: 'Sign in again to go on.',
  },
  refreshTokenReused: {
    what: 'The pool ended the session because a key that had been replaced was used again.',
    next: 'Sign in again. If you did not expect this, change your password.',
  },
  userGone: {
    what: 'This account no longer exists.',
    next: 'If that is a surprise, ask your administrator.',
  },
  renewalRefused: {
    what: 'The pool refused to renew the session and does not say why.',
    next: 'Sign in again. If that fails as well, ask your administrator.',
  },
  refusalUnconfirmed: {
    what: 'The pool refused to renew the session, and the keychain cannot be read.',
    next: 'Newer tokens may be in it. Unlock the keychain, then try again.',
  },
  accessTokenRevoked: {
    what: 'The pool no longer honours this session’s access token.',
    next: 'Sign out here and sign in again.',
  },
  scopeMissing: {
    what: 'This session may not do that: its token lacks the scope aws.cognito.signin.user.admin.',
    next: 'Whoever runs the pool should allow that scope for this app client.',
  },
  poolUnknown: {
    what: 'There is no such user pool in this region.',
    next: 'Whoever set up the app should check COGNITO_ISSUER.',
  },
  clientUnknown: {
    what: 'The pool does not know this app’s client id.',
    next: 'Whoever set up the app should compare COGNITO_CLIENT_ID with the app client in this pool.',
  },
  clientSecretMissing: {
    what: 'The pool expects a client secret, and none is set.',
    next: 'Whoever set up the app should set COGNITO_CLIENT_SECRET, or use an app client without a secret.',
  },
  clientSecretWrong: {
    what: 'The client secret is wrong.',
    next: 'Whoever set up the app should correct COGNITO_CLIENT_SECRET, or remove it if the app client has no secret.',
  },
  flowNotEnabled: {
    what: 'The app client does not allow signing in this way.',
    next: 'Whoever runs the pool should turn on ALLOW_USER_SRP_AUTH (with a password) or ALLOW_USER_AUTH (without one) for this app client.',
  },
  parameterRejected: {
    what: 'The pool did not accept something this app sent.',
    next: 'The details say what. Pass them on to whoever set up the app.',
  },
  blocked: {
    what: 'A firewall in front of the pool refused the request.',
    next: 'Try from another network, or ask your administrator to allow this one.',
  },
  triggerFailed: {
    what: 'A program that the pool runs at sign-in has failed.',
    next: 'Pass the details on to whoever runs the pool.',
  },
  operationUnavailable: {
    what: 'The pool does not offer what this app needs.',
    next: 'Pass the details on to whoever runs the pool.',
  },
  answerUnusable: {
    what: 'The pool’s answer could not be used.',
    next: 'Pass the details on to whoever runs the pool.',
  },
  linkUnusable: {
    what: 'This is not a whole link from the sign-in.',
    next: 'Copy the complete address from the browser and paste it again, or start the sign-in anew.',
  },
  linkNotAwaited: {
    what: 'This link belongs to no sign-in that is waiting here.',
    next: 'Nothing was changed. If you want to sign in, start from this window.',
  },
  browserDeclined: {
    what: 'The sign-in was declined in the browser.',
    next: 'Start it again if that was not what you wanted.',
  },
  browserCodeRefused: {
    what: 'The sign-in in the browser came too late or was used already.',
    next: 'Start it again.',
  },
  tokensNotGenuine: {
    what: 'The answer could not be verified as the user pool’s. Nobody was signed in.',
    next: 'Try once more. If it happens again, pass the details on to whoever runs the pool.',
  },
  managedLoginMissing: {
    what: 'The user pool has no sign-in page for the browser.',
    next: 'Its administrator can add a domain to the pool.',
  },
  browserNotOpened: {
    what: 'No browser could be opened.',
    next: 'Copy the link and open it in a browser on this computer, or choose a default browser in the system’s settings.',
  },
  browserSilent: {
    what: 'The browser has not come back.',
    next: 'Look whether a page of it is still open, or try again.',
  },
  presenceStale: {
    what: 'The browser vouched for an earlier sign-in, which proves nothing now.',
    next: 'Try again, and enter everything anew when the browser asks.',
  },
  providerMayNotAsk: {
    what: 'The identity provider may let this browser in without asking, so it cannot confirm that it is you.',
    next: 'If it always asks, whoever set up this app can say so: “reauthenticates” in identityProviders.',
  },
  somebodyElse: {
    what: 'Somebody else has signed in than the user of this session.',
    next: 'Try again, with the account that is signed in here.',
  },
  deletionUnknown: {
    what: 'The pool’s answer was lost, so nobody knows yet whether the account is deleted.',
    next: 'The app is finding out. If it is, you are signed out here in a moment. If it is not, you can try again.',
  },
};

const presenceFaults = {
  wrongCredentials: {
    what: 'The pool did not recognise you as the user who is signed in.',
    next: 'Try again, with this very account.',
  },
  passwordResetRequired: {
    what: 'The password of this account has to be reset.',
    next: 'Sign out, then choose “Forgot password?” to set a new one with a code.',
  },
  userNotConfirmed: {
    what: 'This account has not been confirmed yet.',
    next: 'Ask your administrator to confirm it.',
  },
  challengeExpired: {
    what: 'It took longer than the pool allows.',
    next: 'Try again from the beginning.',
  },
  customAnswerWrong: {
    what: 'The answer was not right.',
    next: 'Try again to get another question.',
  },
  browserDeclined: {
    what: 'It was declined in the browser.',
    next: 'Try again if that was not what you wanted.',
  },
  browserCodeRefused: {
    what: 'The browser’s answer came too late or was used already.',
    next: 'Try again from the beginning.',
  },
  tokensNotGenuine: {
    what: 'The answer could not be verified as the user pool’s.',
    next: 'Try once more. If it happens again, pass the details on to whoever runs the pool.',
  },
  signInRefused: {
    what: 'The pool refused and does not say why.',
    next: 'Ask your administrator; the details will help.',
  },
} satisfies Partial<Record<FaultCode, FaultWords>>;

const unavailable: Record<UnavailableCause, UnavailableWords> = {
  locked: {
    title: 'Your keychain is locked',
    text: 'If you are signed in, your session is in it. Once it is unlocked you go straight on.',
    steps: ['When you press Unlock, your system asks for the keychain’s password, usually the one you log in to this computer with. This app never sees it.'],
  },
  absent: {
    title: 'There is no keychain',
    text: 'Sessions are kept in the system’s keychain, and none is running.',
    steps: [
      'On Linux, install and start one of gnome-keyring, KWallet or KeePassXC (with its Secret Service integration turned on). Then look again.',
      'You can also continue for this run only: nothing is stored, and you sign in again at the next start.',
    ],
  },
  denied: {
    title: 'The keychain refused',
    text: 'This app was not allowed to read the keychain, so nobody knows yet whether you are signed in.',
    steps: [
      'Look again, and allow access when the system asks. If it does not ask, check this app’s permission in the keychain’s own settings.',
      'You can also continue for this run only: nothing is stored, and you sign in again at the next start.',
    ],
  },
  corrupt: {
    title: 'The saved session cannot be read',
    text: 'The keychain answers, but what it holds for this app is damaged.',
    steps: ['Sign in again to replace it. Nothing is deleted until you have.'],
  },
  newer: {
    title: 'A newer version was here',
    text: 'The saved session was written by a newer version of this app. It stays as it is.',
    steps: [
      'Update this app to go on with that session.',
      'You can also continue for this run only: nothing is stored, and you sign in again at the next start.',
    ],
  },
  silent: {
    title: 'The keychain does not answer',
    text: 'It may be waiting for you in another window: look for a prompt by the system. This app goes on as soon as the keychain answers.',
    steps: ['You can also continue for this run only: nothing is stored, and you sign in again at the next start.'],
  },
};

const problems: Problems = {
  missing: (_, setting) => ({
    what: 'It is not set, and the app cannot do without it.',
    fix: setting === 'COGNITO_CLIENT_ID'
      ? 'Set it to the id of the app client, which the AWS console shows under App clients.'
      : 'Set it to your user pool’s issuer: https, the region’s Cognito host, then the pool id.',
  }),
  notAUrl: () => ({
    what: 'It is not a URL.',
    fix: 'Write it in full, with https:// at the front.',
  }),
  notHttps: () => ({
    what: 'It does not begin with https.',
    fix: 'Use https. Plain http is accepted for this computer only (127.0.0.1 or localhost).',
  }),
  noPoolId: () => ({
    what: 'It does not end in a pool id.',
    fix: 'Add the pool id as the path. It is the region, an underscore and the pool’s own letters and digits.',
  }),
  unknownHost: ({ host }) => ({
    what: `${host} is not a host of Amazon Cognito.`,
    fix: 'Use the host cognito-idp.<region>.amazonaws.com. If the pool really is somewhere else, set AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER as well.',
  }),
  regionMismatch: ({ hostRegion, poolRegion }) => ({
    what: `The host is in ${hostRegion}, but the pool id belongs to ${poolRegion}.`,
    fix: `One of the two has a slip. If the pool id is right, the host is cognito-idp.${poolRegion}.amazonaws.com.`,
  }),
  unexpectedPart: () => ({
    what: 'It has a part that does not belong there: a question mark, a # or a user name.',
    fix: 'Leave only the host and the path.',
  }),
  clientIdForm: () => ({
    what: 'This cannot be a client id.',
    fix: 'A client id has letters and digits only. Copy it from the AWS console, under App clients.',
  }),
  clientSecretForm: () => ({
    what: 'This cannot be a client secret: it has a space or another character that no secret has.',
    fix: 'Copy it again from the AWS console, or remove the setting if the app client has no secret.',
  }),
  fileUnreadable: ({ reason }) => ({
    what: `The file cannot be read: ${reason}`,
    fix: 'Check that the file is there and that you may read it, or remove the setting.',
  }),
  noCertificates: () => ({
    what: 'There is no certificate in this file.',
    fix: 'It has to be in PEM form, with lines that say BEGIN CERTIFICATE. Ask your administrator for it in that form.',
  }),
  notAText: () => ({
    what: 'It is not a text.',
    fix: 'Write its value in double quotes.',
  }),
  configFileForm: ({ reason }) => ({
    what: `It cannot be understood: ${reason}`,
    fix: 'It has to be one JSON object whose values are texts in double quotes.',
  }),
  unknownSetting: ({ name }) => ({
    what: `There is no setting “${name}”.`,
    fix: 'Correct its spelling or remove it. The settings are issuer, clientId, clientSecret, endpoint, passwordPolicy, refreshTokenValidity, authFlow, authSessionValidity, signUpAttributes, domain, scopes, identityProviders, redirectUris, prompt and resource.',
  }),
  proxyForm: () => ({
    what: 'It is not the address of a proxy.',
    fix: 'Write it as http://host:port, or remove the setting.',
  }),
  passwordPolicyForm: ({ reason }) => ({
    what: `It is not a password policy: ${reason}`,
    fix: 'Write it as an object with minimumLength (6 to 99) and, as true or false, requireLowercase, requireUppercase, requireNumbers and requireSymbols. What is left out is not required.',
  }),
  validityForm: () => ({
    what: 'It is not a time that a refresh token can be valid for.',
    fix: 'Write a number with days, hours or minutes, such as “30 days”: from 60 minutes to 10 years.',
  }),
  authFlowUnknown: () => ({
    what: 'It is not one of the flows that a sign-in can begin with.',
    fix: 'Write USER_SRP_AUTH, USER_AUTH, CUSTOM_AUTH, CUSTOM_AUTH_WITH_SRP or USER_PASSWORD_AUTH, or remove the setting.',
  }),
  sessionValidityForm: () => ({
    what: 'It is not a time that the pool can wait for an answer.',
    fix: 'Write a number of minutes from 3 to 15, such as “3 minutes”: what the app client has under “Authentication flow session duration”.',
  }),
  signUpAttributesForm: () => ({
    what: 'It is not a list of attributes.',
    fix: 'Write their names in the pool with commas between them, such as email, name. In the config file it may also be a list.',
  }),
  domainForm: () => ({
    what: 'It is not the domain of a sign-in page.',
    fix: 'Write the host alone, such as auth.example.com. The AWS console shows it in the pool, under Domain.',
  }),
  redirectForm: () => ({
    what: 'It has something that is no address for the browser to come back to.',
    fix: 'Write links of the app’s own, such as cognito-desktop://sign-in/callback, or http://127.0.0.1:19274/callback, with commas between them: each as it stands among the app client’s callback URLs.',
  }),
  redirectScheme: ({ scheme }) => ({
    what: `A link in it begins with ${scheme}, which does not lead to this app.`,
    fix: 'Begin it with cognito-desktop, or whatever the app’s own scheme is in tauri.conf.json.',
  }),
  scopeForm: () => ({
    what: 'It is not a list of scopes.',
    fix: 'Write their names with spaces between them, such as openid email aws.cognito.signin.user.admin.',
  }),
  openidMissing: () => ({
    what: 'The scope openid is not among them. Without it, nobody would know who has signed in.',
    fix: 'Add openid to the list.',
  }),
  providerForm: () => ({
    what: 'It is not a list of identity providers.',
    fix: 'Write their names in the pool with commas between them, such as Google, Corporate. In the config file it may also be a list of objects with name or identifier, and label.',
  }),
  promptUnknown: () => ({
    what: 'It is not one of the prompts that there are.',
    fix: 'Write none, login, consent or select_account, or remove the setting.',
  }),
  resourceForm: () => ({
    what: 'It is not the address of an API.',
    fix: 'Write the whole URL, with https:// at the front and nothing after a #, or remove the setting.',
  }),
};

const warnings = {
  setting: (setting: string): string => `${setting} cannot be used. The app goes on without it.`,
  secretCompiledIn: {
    what: 'The client secret is compiled into this program.',
    next: 'Whoever has the program can read it. Use an app client without a secret instead.',
  },
  linksNotRegistered: {
    what: 'The browser cannot hand over to this app by a link.',
    next: 'Its links could not be registered with the system. A sign-in through the browser comes back another way.',
  },
};

const sources: Record<Source, string> = {
  environment: 'from the environment',
  configFile: 'from the config file',
  compiledIn: 'compiled in (tauri.conf.json)',
  development: 'the development pool’s',
};

const storages: Record<Storage, string> = {
  keychain: 'In the system’s keychain',
  unsaved: 'Not saved yet',
  thisRunOnly: 'For this run only',
};

/** What is known of a pool that was asked: its host, and its region or else the host again. */
interface Asked {
  host: string;
  where: string;
}

const asked = {
  poolUnknown: ({ where }: Asked): FaultWords => ({
    what: `There is no such user pool in ${where}.`,
    next: 'Check the pool id and its region, which is the part before the underscore.',
  }),
  unreachable: ({ host }: Asked): FaultWords => ({
    what: `${host} cannot be reached.`,
    next: 'The region may be wrong, or the network down. Check both and try again.',
  }),
  timedOut: ({ host }: Asked): FaultWords => ({
    what: `${host} did not answer in time.`,
    next: 'The connection may be slow. Try again in a moment.',
  }),
  certificateUntrusted: ({ host }: Asked): FaultWords => ({
    what: `The certificate shown for ${host} is not trusted.`,
    next: 'A proxy that inspects encrypted traffic may be in the way. Ask your administrator for its certificate, name the file in AWS_CA_BUNDLE and start the app again.',
  }),
  proxyRefused: ({ host }: Asked): FaultWords => ({
    what: `The proxy on the way to ${host} refused.`,
    next: 'It may want a user name and a password. Ask your administrator what HTTPS_PROXY has to be.',
  }),
  notThePool: ({ host }: Asked): FaultWords => ({
    what: `Something else answered in place of ${host}.`,
    next: 'A proxy or the sign-in page of a guest network may be in the way. Open a web page in your browser first, then try again.',
  }),
  clientUnknown: (_: Asked): FaultWords => ({
    what: 'The pool does not know this client ID.',
    next: 'Compare it with the AWS console, under App clients of this pool.',
  }),
  clientSecretMissing: (_: Asked): FaultWords => ({
    what: 'This app client has a secret.',
    next: 'Enter it here, or use an app client without one.',
  }),
  clientSecretWrong: (_: Asked): FaultWords => ({
    what: 'The client secret is wrong.',
    next: 'Copy it again from the AWS console, or clear the tick if the app client has none.',
  }),
  flowNotEnabled: (_: Asked): FaultWords => ({
    what: 'This app client does not allow signing in with a password.',
    next: 'In the AWS console, edit the app client and turn on ALLOW_USER_SRP_AUTH among its authentication flows.',
  }),
};

/** Why the keychain did not do what connecting or forgetting a pool needs. */
const keychainWords: Record<UnavailableCause, string> = {
  locked: 'It is locked. Unlock it, then try again.',
  absent:
    'No keychain is running. On Linux, start one of gnome-keyring, KWallet or KeePassXC, then try again. An app client without a secret needs no keychain to connect.',
  denied: 'This app may not use it. Try again, and allow access when the system asks.',
  corrupt: 'What it holds for this app is damaged. Delete that entry in the keychain’s own program, then try again.',
  newer: 'What it holds for this app was written by a newer version. Update the app, then try again.',
  silent: 'It does not answer. Look for a prompt by the system, then try again.',
};

export const en = {
  common: {
    /** It stays with the text before it. After a box, such as a time, the engine breaks all the same. */
    separator: '\u00a0· ',
    details: 'Details',
    cancel: 'Cancel',
    copy: 'Copy',
    copied: 'Copied',
    /** The name of a copy button, for those who hear it. */
    copyWhat: (what: string): string => `Copy: ${what}`,
    /** Where the clipboard is out of reach, the value is selected. */
    copyByHand: 'Selected: press Ctrl+C',
    showPassword: 'Show password',
    hidePassword: 'Hide password',
    tryNow: 'Try now',
    trying: 'Trying…',
    dismiss: 'Dismiss',
    notGiven: 'Not given',
    /** Two sentences, one after the other. */
    sentences: (first: string, second: string): string => `${first} ${second}`,
    /** Two names, one after the other. */
    names: (first: string, second: string): string => `${first}, ${second}`,
  },
  notices: {
    label: 'Notices',
    refused: 'That did not work. Please try again.',
    disconnected: 'The window cannot reach the rest of the app. Quit it and start it again.',
    panicked: 'A part of this app has failed. Your session is safe. Restarting the app is a good idea.',
    logs: 'What happened is recorded in this folder:',
  },
  restoring: {
    title: 'Starting',
    reading: 'Reading your session from the keychain…',
  },
  unavailable: {
    causes: unavailable,
    unlock: 'Unlock',
    unlocking: 'Waiting for the keychain…',
    lookAgain: 'Look again',
    looking: 'Looking…',
    thisRunOnly: 'Continue for this run only',
    signInAgain: 'Sign in again',
  },
  signIn: {
    title: 'Sign in',
    username: 'User name or e-mail',
    password: 'Password',
    submit: 'Sign in',
    working: 'Signing in…',
    needUsername: 'Enter your user name or e-mail address.',
    needPassword: 'Enter your password.',
    /** Where the name alone comes first. */
    go: 'Continue',
    withoutPassword: 'Sign in without a password',
    withPassword: 'Sign in with a password',
    forgot: 'Forgot password?',
    /** Between the form and the ways around it. */
    or: 'or',
    inBrowser: 'Continue in browser',
    withProvider: (provider: string): string => `Continue with ${provider}`,
    opening: 'Opening the browser…',
    newHere: 'New here?',
    createAccount: 'Create an account',
    /** What was achieved before without becoming a sign-in. */
    done: {
      accountConfirmed: 'Your account is confirmed.',
      passwordReset: 'Your new password is set.',
    },
    signInNow: 'Sign in now.',
    /** A client secret that should be in the keychain. */
    secret: {
      needed: 'Nobody can sign in here without the client secret.',
      unread: {
        what: 'The client secret is in the keychain, and that has not been read.',
        next: 'Nobody can sign in without it. Unlock the keychain to go on.',
      },
      missing: {
        what: 'The client secret is not in the keychain any more.',
        next: 'Enter it again under “Change”.',
      },
    },
    thisRunOnly: 'This session will be kept for this run only. You will be asked to sign in again at the next start.',
    replaces: 'The saved session that cannot be read is replaced once you have signed in.',
    endpointOverride: (endpoint: string): string => `Requests go to ${endpoint} instead of the pool’s own address.`,
  },
  ended: {
    byPool: 'Your session has ended',
    byUser: (account: string): string => `${account} has signed out`,
    everywhere: (account: string): string => `${account} has signed out on every device`,
    deleted: (account: string): string => `The account ${account} is deleted`,
    deletedAtPool: 'The user pool has deleted it for good, with all of its sessions.',
    nothingKept: 'Nothing of it is left in the keychain.',
    notCleared: 'Its entry in the keychain is not deleted yet.',
    /** A sign-out in a sentence. Those about what waits follow a sentence that says why. */
    sentences: {
      here: 'The session has ended on this device.',
      telling: 'The session has ended on this device. The user pool is being told.',
      revoked: 'The session has ended on this device and at the user pool.',
      notCleared: 'The user pool has ended the session, but its entry in the keychain is not deleted yet.',
      everywhere: 'The user pool has ended all sessions of this account.',
      kept: 'Its part follows by itself, also after this app is closed.',
      notKept: 'Its part follows by itself, but only while this app is open.',
      failed: 'The session lives on there until its own end.',
      browserTelling: 'The browser has been opened once more to end its session as well.',
      browserFailed: 'The browser may still be signed in.',
      vouched: (providers: string): string => `In the browser, ${providers} may still let you in without asking.`,
    },
    /** A sign-out line by line. */
    device: {
      label: 'This device',
      cleared: 'Signed out; nothing kept.',
      clearing: 'Signed out; the keychain entry is being deleted.',
      notCleared: 'Signed out; the keychain entry is not deleted yet.',
    },
    refreshToken: {
      label: 'Refresh token',
      revoked: 'Revoked; it renews nothing.',
      telling: 'Being revoked…',
      expired: 'Expired; it renews nothing.',
      waiting: {
        text: 'Not revoked yet.',
        until: (at: string, left: string): string => `Good until ${at} (${left}) at most.`,
        untilEnded: 'Good until it is.',
      },
      failed: {
        text: 'Not revoked.',
        until: (at: string, left: string): string => `Good until ${at} (${left}).`,
        untilEnded: 'Good until the pool ends it.',
      },
    },
    accessToken: {
      label: 'Access token',
      expired: 'Expired.',
      until: (at: string, left: string): string => `Services that check it by themselves take it until ${at} (${left}).`,
    },
    others: {
      label: 'Other devices',
      ended: 'Signed out. Access tokens in use there work until they expire.',
      untouched: 'Not signed out.',
    },
    /** Of a session that began in the browser: the pool's cookie there. */
    browser: {
      label: 'Browser',
      telling: 'Being signed out…',
      ended: 'Came back from the pool’s sign-out page.',
      failed: 'The pool’s page may let you in there without asking. To end that as well, sign out there or delete its cookies.',
    },
    /** Earlier sign-outs. */
    unfinished: {
      title: (count: number): string =>
        count === 1 ? 'An earlier sign-out is not finished yet' : `${count} earlier sign-outs are not finished yet`,
      telling: 'The user pool is being told.',
      byItself: 'That is finished by itself as soon as it can be.',
      label: 'Earlier sign-outs',
      open: (count: number): string => `${count} not finished yet; that is done by itself as well.`,
    },
  },
  /** Whoever is signed in proves to be there, before something dangerous. */
  presence: {
    title: 'Confirm that it is you',
    asking: 'Asking the pool how you sign in…',
    password: (username: string): string => `You are signed in as ${username}. Enter your password to go on.`,
    choose: 'Choose how.',
    custom: 'Whoever runs the pool asks this as well.',
    unsupported: 'This version of the app cannot do that. Ask your administrator to turn this step off, or look for a newer version.',
    working: 'Checking…',
    failed: 'It could not be confirmed that it is you',
    proved: 'It is confirmed that it is you',
    goodFor: (left: string): string => `Good for ${left}`,
    /** In place of words that lead to the sign-in form. */
    faults: presenceFaults,
  },
  newPassword: {
    title: 'Choose a new password',
    lead: (username: string): string => `The pool asks ${username} for a new password before going on.`,
    password: 'New password',
    repeat: 'Repeat the new password',
    missing: 'The pool also needs to know',
    submit: 'Set password and sign in',
    working: 'Setting the password…',
    needPassword: 'Enter a new password.',
    needRepeat: 'Repeat the new password.',
    different: 'The two passwords are different.',
    needAttribute: (label: string): string => `${label} is needed.`,
    rules: 'The password needs',
    met: 'met',
    notMet: 'not yet',
    policy: {
      length: (count: number): string => `at least ${count} characters`,
      lowercase: 'a lower-case letter (a–z)',
      uppercase: 'an upper-case letter (A–Z)',
      number: 'a digit (0–9)',
      symbol: 'a symbol, such as ! ? # or a space inside',
    },
    rulesNotMet: 'The password does not meet every rule yet.',
  },
  code: {
    title: 'Enter the code',
    leads: {
      authenticator: (device: string | null): string =>
        device === null ? 'Open your authenticator app and enter the code it shows for this account.' : `Open your authenticator app (${device}) and enter the code it shows for this account.`,
      sms: (to: string | null): string =>
        to === null ? 'A code is on its way to you by text message.' : `A code is on its way by text message to ${to}.`,
      email: (to: string | null): string =>
        to === null ? 'A code is on its way to you by e-mail.' : `A code is on its way by e-mail to ${to}.`,
    },
    labels: {
      authenticator: 'Code from the authenticator app',
      sms: 'Code from the text message',
      email: 'Code from the e-mail',
    },
    hint: 'The app shows a new code every half minute. If codes are refused twice, check that the clock of the phone is right.',
    submit: 'Continue',
    working: 'Checking the code…',
    need: 'Enter the code.',
    digitsOnly: 'A code has digits only.',
    resend: 'Send a new code',
    resending: 'Sending…',
    resendIn: (left: string): string => `Send a new code (in ${left})`,
    resent: (to: string | null): string => (to === null ? 'A new code is on its way.' : `A new code is on its way to ${to}.`),
    newest: 'Enter the newest code.',
    fill: (code: string): string => `Fill in the code ${code}`,
  },
  /** What every question of the pool's has around it. */
  step: {
    back: 'Back to sign-in',
    anotherWay: 'Choose another way',
    working: 'Asking the pool…',
    begunAgain: 'That took longer than the pool allows, so it has been begun again for you.',
    /** The time for an answer, where it is known. */
    exact: {
      left: (time: string): string => `Time left: ${time}`,
      over: 'The time for this step is over.',
    },
    atLeast: {
      left: (time: string): string => `Time left: at least ${time}`,
      over: 'The time for this step may be over.',
    },
    goesOn: 'Enter your answer all the same: if need be it begins again by itself, and nothing you typed is lost.',
  },
  password: {
    title: 'Enter your password',
    lead: (username: string): string => `You are signing in as ${username}.`,
  },
  chooseWay: {
    title: 'Choose how to sign in',
    ways: {
      password: { title: 'Password', text: 'The one you chose for this account' },
      emailCode: { title: 'Code by e-mail', text: 'Sent to your e-mail address' },
      smsCode: { title: 'Code by text message', text: 'Sent to your phone number' },
      passkey: { title: 'Passkey', text: 'On the pool’s page in your browser' },
    },
    /** Of a passkey where nobody can sign in through the browser. */
    browserMissing: 'Works in the browser only, and no sign-in there is set up',
  },
  chooseSecondFactor: {
    title: 'Choose a second factor',
    lead: 'A second proof is needed besides what you have entered.',
    methods: {
      authenticator: { title: 'Authenticator app', text: 'A code that an app on your phone shows' },
      sms: { title: 'Text message', text: 'A code is sent to your phone number' },
      email: { title: 'E-mail', text: 'A code is sent to your address' },
    },
  },
  chooseSetUp: {
    title: 'Set up a second factor',
    lead: 'From now on the pool wants a second proof when you sign in. Choose which one.',
    methods: {
      authenticator: { title: 'Authenticator app', text: 'An app on your phone shows the codes, also without a network' },
      sms: { title: 'Text message', text: 'Codes are sent to your phone number' },
      email: { title: 'E-mail', text: 'Codes are sent to your address' },
    },
  },
  setUpAuthenticator: {
    title: 'Set up your authenticator app',
    lead: 'Scan the code with the app on your phone, then enter the six digits that it shows.',
    scan: 'For the authenticator app',
    qr: (account: string): string => `QR code for ${account}. The secret under “No camera at hand?” is the same in letters.`,
    otherwise: 'No camera at hand?',
    secret: 'Enter this secret in the app, or give the app the link.',
    copySecret: 'Copy secret',
    copyLink: 'Copy link (otpauth)',
    notCopied: 'The link could not be copied. Use the secret instead.',
    missing: 'The secret for the app could not be had.',
    device: 'Name of the device (optional)',
    myPhone: 'My phone',
    submit: 'Set up and continue',
    working: 'Checking the code…',
    newest: 'The QR code is a new one: remove the earlier entry from your app, then scan this one.',
  },
  setUpEmail: {
    title: 'Set up codes by e-mail',
    lead: 'From now on the pool sends a code to this address when you sign in.',
    submit: 'Send a code',
    working: 'Sending a code…',
    again: 'Send the address once more.',
  },
  custom: {
    title: 'One more question',
    lead: 'Whoever runs the pool asks this before you are signed in.',
    answer: 'Your answer',
    show: 'Show answer',
    hide: 'Hide answer',
    need: 'Enter your answer.',
    working: 'Checking the answer…',
    again: 'Answer what is asked now.',
    askedAgain: 'The same is asked once more: that was not the answer.',
  },
  confirmAccount: {
    title: 'Confirm your account',
    lead: (username: string): string => `The account ${username} is ready once it is confirmed.`,
    submit: 'Confirm',
    /** Where a sign-in has led here. */
    needed: 'This account has to be confirmed before you can sign in. Enter the code that was sent.',
    working: 'Confirming the account…',
  },
  resetPassword: {
    submit: 'Set password',
    /** Where a sign-in has led here. */
    needed: 'The password of this account has to be reset. Enter the code that was sent, then choose a new password.',
  },
  signUp: {
    title: 'Create an account',
    lead: 'The pool may send you a code to confirm it.',
    username: 'User name or e-mail',
    needUsername: 'Enter the name to sign in with.',
    repeat: 'Repeat the password',
    withoutPassword: 'Create it without a password',
    withPassword: 'Create it with a password',
    byCodes: 'You will sign in with codes that are sent to you, if the pool allows that.',
    details: 'The pool also needs to know',
    alsoNeeded: 'The pool needs this as well.',
    submit: 'Create account',
    working: 'Creating the account…',
  },
  forgotPassword: {
    title: 'Reset your password',
    lead: 'A code is sent to the e-mail address or phone number of your account. You then choose a new password.',
    submit: 'Send a code',
    working: 'Sending a code…',
    unknown: 'The pool knows no account of this name. Check it and try again.',
  },
  device: {
    question: 'Remember this device?',
    text: 'The pool may then ask for your second factor less often here. Say yes on a computer of your own only.',
    yes: 'Remember',
    no: 'Not this one',
    telling: 'Saving…',
    failed: 'The pool could not be told about this device.',
    told: {
      remembered: 'This device is remembered.',
      notRemembered: 'This device is not remembered.',
    },
    device: 'This device',
    states: {
      remembered: 'Remembered by the pool',
      notRemembered: 'Not remembered',
    },
  },
  /** Standard attributes: OpenID Connect Core 1.0, section 5.1. */
  attributes: {
    name: 'Full name',
    given_name: 'First name',
    family_name: 'Last name',
    middle_name: 'Middle name',
    nickname: 'Nickname',
    preferred_username: 'Preferred user name',
    profile: 'Profile page (URL)',
    picture: 'Picture (URL)',
    website: 'Website (URL)',
    email: 'E-mail address',
    phone_number: 'Phone number',
    gender: 'Gender',
    birthdate: 'Date of birth',
    zoneinfo: 'Time zone',
    locale: 'Language',
    address: 'Postal address',
    updated_at: 'Last changed',
  },
  attributeHints: {
    phone_number: 'With the country code, such as +81312345678',
    birthdate: 'Year-month-day, such as 1990-04-23',
    zoneinfo: 'Such as Asia/Tokyo',
    locale: 'Such as en or ja-JP',
    picture: 'A web address, such as https://example.com/me.png',
    profile: 'A web address, such as https://example.com/me',
    website: 'A web address, such as https://example.com',
    updated_at: 'In seconds since 1970; what stands here is now',
  },
  /** What is wrong with an attribute that has one form only. */
  attributeForms: {
    phone_number: 'Enter the number with a plus and the country code, such as +81312345678.',
    birthdate: 'Enter the date as year, month and day, such as 1990-04-23.',
    email: 'Enter an e-mail address, such as aiko@example.com.',
    updated_at: 'Enter digits only.',
  },
  challenge: {
    title: 'One more step, which this app does not know yet',
    text: (what: string): string => `What you have entered is right. The pool now asks for ${what}.`,
    next: 'This version of the app cannot do that. Sign in with an account that does not need this step, ask your administrator to turn it off, or look for a newer version.',
    rawName: 'Cognito’s name for it',
    passkey: {
      title: 'A passkey is asked for',
      text: 'A passkey belongs to the pool’s own web address and works in the browser only.',
      inBrowser: 'Go on there, on the pool’s own page. This window waits for you.',
      next: 'No sign-in through the browser is set up for this app. Choose another way, or ask your administrator to allow one for your account.',
    },
    /** Cognito's challenges (API reference, `ChallengeNameType`), to follow “asks for”. */
    names: {
      SMS_MFA: 'a code from a text message',
      EMAIL_OTP: 'a code from an e-mail',
      SMS_OTP: 'a code from a text message',
      SOFTWARE_TOKEN_MFA: 'a code from an authenticator app',
      SELECT_MFA_TYPE: 'a choice of the second factor',
      MFA_SETUP: 'a second factor to be set up',
      SELECT_CHALLENGE: 'a choice of how to sign in',
      CUSTOM_CHALLENGE: 'an answer to a question of its owner’s',
      DEVICE_SRP_AUTH: 'proof that this device is known',
      DEVICE_PASSWORD_VERIFIER: 'proof that this device is known',
      PASSWORD: 'the password once more',
      PASSWORD_SRP: 'the password once more',
      PASSWORD_VERIFIER: 'proof of the password',
      ADMIN_NO_SRP_AUTH: 'a sign-in that only an administrator can do',
      WEB_AUTHN: 'a passkey',
    },
    unknown: 'something this version has not heard of',
  },
  account: {
    navigation: 'Pages',
    page: {
      failed: 'This page could not be opened.',
      next: 'Try again. If that fails as well, start the app anew.',
    },
    pages: {
      account: 'Account',
      security: 'Security',
      devices: 'Devices',
    },
    verified: 'Verified',
    notVerified: 'Not verified',
    profile: 'Profile',
    name: 'Name',
    email: 'E-mail',
    username: 'User name',
    sub: 'User ID',
    groups: 'Groups',
    noGroups: 'You are in no group. Groups decide what you may do in some apps; an administrator of the pool adds people to them.',
    session: 'Session',
    signedInAs: (name: string): string => `Signed in as ${name}`,
    renewed: (ago: string): string => `renewed ${ago}`,
    next: (when: string): string => `next ${when}`,
    renewingNow: 'renewing now',
    tryingAgain: (when: string): string => `trying again ${when}`,
    tryingNow: 'trying again now',
    since: 'Signed in',
    renewedAt: 'Renewed',
    nextRenewal: 'Next renewal',
    expires: 'Access token expires',
    expired: 'Access token expired',
    kept: 'Kept',
    origin: 'Signed in through',
    origins: {
      native: 'This window',
      browser: 'The browser',
    },
    pool: 'User pool',
    client: 'App client',
    storages,
    stay: 'You stay signed in.',
    secretLost: {
      what: 'The client secret is not in the keychain any more.',
      next: 'Sign out here, then enter it again under “Change” on the sign-in form.',
    },
    nextTry: (when: string): string => `The next try is ${when}.`,
    unsaved: 'Your session is not saved. Quitting now would sign you out.',
    unsavedNext: 'The keychain has not accepted it yet; the app keeps trying.',
    thisRunOnly: 'This session is kept for this run only.',
    thisRunOnlyNext: 'You will be asked to sign in again at the next start.',
    signOut: 'Sign out',
    signOutLead: {
      native: 'Ends this session here and at the user pool.',
      browser: 'Ends this session here and at the user pool, and opens the pool’s sign-out page in the browser.',
    },
    signOutQuestion: 'Sign out?',
    signOutConsequence: {
      native: 'You will need your password to come back.',
      browser: 'Your browser is opened for a moment at the pool’s sign-out page. You come back through it as well.',
    },
    stayHere: 'Stay signed in',
    signOutEverywhere: 'Sign out everywhere',
    everywhereConsequence:
      '“Everywhere” ends your sessions on every device. An access token that is already in use elsewhere may work until it expires, usually within the hour.',
    everywhereRunning: 'Signing out everywhere…',
    everywhereFailed: 'You are not signed out everywhere.',
    everywhereAgain: 'Try again',
    hereOnly: 'Sign out here only',
    again: 'Sign in again by',
    againSoon: (when: string): string => `You will be asked to sign in again ${when}.`,
    againSoonNext: 'The pool ends every session at that time. Signing in anew before then starts the time again.',
  },
  warnings,
  faults,
  misconfigured: {
    title: 'This app is not set up yet',
    lead: (count: number): string =>
      count === 1 ? 'One setting needs attention before anybody can sign in.' : `${count} settings need attention before anybody can sign in.`,
    value: 'Value',
    notSet: 'Not set',
    notShown: 'Not shown, because it may be secret',
    fix: 'Fix',
    example: 'Example',
    configFile: 'The config file, if you want to use one, is',
    restart: 'Restart the app after changing a setting.',
    sources,
    problems,
  },
  connect: {
    title: 'Connect your user pool',
    lead: 'Choose the Amazon Cognito user pool to sign in to. It is checked before saving.',
    changeTitle: 'Change the user pool',
    changeLead: 'The present pool stays in use until another one has been checked.',
    pool: 'User pool',
    poolHint: (example: string): string => `${example} or its issuer URL`,
    clientId: 'Client ID',
    hasSecret: 'The app client has a secret',
    clientSecret: 'Client secret',
    clientSecretHint:
      'A desktop app should use an app client without one: what is on the user’s computer is no secret. The one you enter is kept in the system’s keychain, never in a file.',
    showSecret: 'Show secret',
    hideSecret: 'Hide secret',
    submit: 'Connect',
    asking: 'Asking the user pool…',
    where: 'In the AWS console: User pools → your pool → “User pool ID”. Under App clients: “Client ID”.',
    shipping: 'To ship the app, compile issuer and clientId in instead: they belong under plugins.cognito in tauri.conf.json.',
    found: 'Some settings were found that cannot be used',
    /** On the sign-in form, before the button that changes it. */
    current: (pool: string): string => `User pool ${pool}`,
    change: 'Change',
    forget: 'Forget this pool',
    forgetQuestion: (pool: string): string => `Forget ${pool}?`,
    forgetConsequence:
      'Its issuer, the client ID and any client secret are deleted from this computer. Nothing changes in the pool itself.',
    keep: 'Keep it',
    confirmForget: 'Forget',
    forgetting: 'Forgetting…',
    notForgotten: 'The pool could not be forgotten.',
    form: {
      missing: {
        pool: 'Enter the pool’s id or its issuer URL.',
        clientId: 'Enter the client ID.',
        clientSecret: 'Enter the client secret, or clear the tick if the app client has none.',
      },
      noPoolId: (example: string): { what: string; next: string } => ({
        what: 'There is no pool id in it.',
        next: `A pool id is a region, an underscore, then letters and digits, such as ${example}. An issuer URL ends with it.`,
      }),
      clientSecretForm: {
        what: 'This cannot be a client secret: it has a space or another character that no secret has.',
        next: 'Copy it again from the AWS console, or clear the tick if the app client has none.',
      },
    },
    /** What the check of a pool ends with, where it can be said better than for a sign-in. */
    faults: asked,
    otherIssuer: (issuer: string): { what: string; next: string } => ({
      what: `The pool that answered calls itself ${issuer}`,
      next: 'If that is the one you mean, enter this URL. If not, check the pool id, and AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER if it is set.',
    }),
    setting: (setting: string): string => `${setting} cannot be used, so no pool can be asked.`,
    notSaved: 'The pool is right, but it could not be saved.',
    fileNotWritten: (path: string, reason: string): string => `${path} cannot be written: ${reason}`,
    secretNotKept: 'The pool is right, but the keychain did not take the client secret. Nothing was saved.',
    notUnlocked: 'The keychain could not be unlocked.',
    keychain: keychainWords,
    notHere: {
      what: 'The pool cannot be changed here.',
      next: 'Either it is set in the environment or built into the app, which goes first, or somebody is signed in.',
    },
  },
  development: {
    pool: 'Development pool',
    fill: (username: string): string => `Fill in the demo user ${username}`,
    users: 'Demo users',
    seek: 'Find a demo user',
    none: 'No demo user fits.',
    unavailable: 'Its demo users could not be read.',
  },
  time: {
    justNow: 'just now',
    soon: 'in a few seconds',
    minutes: (count: number): string => `${count} min`,
    seconds: (count: number): string => `${count} sec`,
  },
};
