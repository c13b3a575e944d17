import type { ConnectionField } from '../src/bindings/ConnectionField';
import type { ConnectionProblem } from '../src/bindings/ConnectionProblem';
import type { FaultCode } from '../src/bindings/FaultCode';
import type { UnavailableCause } from '../src/bindings/UnavailableCause';

const HOST = 'cognito-idp.eu-central-1.amazonaws.com';

const asked = (code: FaultCode, field: ConnectionField | null): ConnectionProblem => ({
  kind: 'pool',
  field,
  fault: { code, detail: 'The words of the pool itself.' },
  host: HOST,
});

const notKept = (cause: UnavailableCause): ConnectionProblem => ({ kind: 'secretNotKept', cause });

/** Everything that connecting can end with, by a name. */
export const CONNECTION_PROBLEMS: Record<string, ConnectionProblem> = {
  noPoolId: { kind: 'form', field: 'pool', problem: { kind: 'noPoolId' } },
  notAUrl: { kind: 'form', field: 'pool', problem: { kind: 'notAUrl' } },
  notHttps: { kind: 'form', field: 'pool', problem: { kind: 'notHttps' } },
  unknownHost: { kind: 'form', field: 'pool', problem: { kind: 'unknownHost', host: 'pool.example.com' } },
  unexpectedPart: { kind: 'form', field: 'pool', problem: { kind: 'unexpectedPart' } },
  regionMismatch: {
    kind: 'form',
    field: 'pool',
    problem: { kind: 'regionMismatch', hostRegion: 'eu-west-1', poolRegion: 'eu-central-1' },
  },
  clientIdForm: { kind: 'form', field: 'clientId', problem: { kind: 'clientIdForm' } },
  clientSecretForm: { kind: 'form', field: 'clientSecret', problem: { kind: 'clientSecretForm' } },
  poolUnknown: asked('poolUnknown', 'pool'),
  unreachable: asked('unreachable', null),
  timedOut: asked('timedOut', null),
  certificateUntrusted: asked('certificateUntrusted', null),
  proxyRefused: asked('proxyRefused', null),
  notThePool: asked('notThePool', null),
  clientUnknown: asked('clientUnknown', 'clientId'),
  clientSecretMissing: asked('clientSecretMissing', 'clientSecret'),
  clientSecretWrong: asked('clientSecretWrong', 'clientSecret'),
  flowNotEnabled: asked('flowNotEnabled', 'clientId'),
  blocked: asked('blocked', null),
  poolTrouble: asked('poolTrouble', null),
  parameterRejected: asked('parameterRejected', 'clientId'),
  otherIssuer: { kind: 'otherIssuer', issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123456' },
  proxyForm: {
    kind: 'setting',
    fault: { setting: 'HTTPS_PROXY', value: 'not a proxy', source: 'environment', problem: { kind: 'proxyForm' } },
  },
  notSaved: {
    kind: 'notSaved',
    path: '/home/aiko/.config/org.cognitodesktop.client/cognito.json',
    reason: 'Permission denied (os error 13)',
  },
  notKeptLocked: notKept('locked'),
  notKeptAbsent: notKept('absent'),
  notKeptDenied: notKept('denied'),
  notKeptCorrupt: notKept('corrupt'),
  notKeptNewer: notKept('newer'),
  notKeptSilent: notKept('silent'),
  notUnlocked: { kind: 'notUnlocked', cause: 'denied' },
  notHere: { kind: 'notHere' },
};
