import type { ConnectionField } from './bindings/ConnectionField';
import type { ConnectionProblem } from './bindings/ConnectionProblem';
import type { Fault } from './bindings/Fault';
import type { SettingFault } from './bindings/SettingFault';
import type { SettingProblem } from './bindings/SettingProblem';
import type { Messages } from './messages';
import { problemWords } from './problems';

/** A pool as it is set up: what the form starts from when it is to be changed. */
export interface Connection {
  issuer: string;
  clientId: string;
  /** A client secret has to be entered again. */
  secretWanted?: boolean;
}

/** What on the form has caused a problem, and where it is therefore told. */
export type ConnectionPlace = ConnectionField | 'form';

/** A problem as the form tells it. */
export interface ConnectionWords {
  place: ConnectionPlace;
  what: string;
  next: string;
  /** The pool's or the network layer's own words, where ours may say too little. */
  detail: string | null;
  /** Unlocking the keychain is the way on. */
  locked?: boolean;
}

/** An example of a pool id; it belongs to nobody. */
export const EXAMPLE_POOL_ID = 'eu-central-1_AbCdEf';

const KINDS: Record<ConnectionProblem['kind'], true> = {
  form: true,
  pool: true,
  otherIssuer: true,
  setting: true,
  notSaved: true,
  notUnlocked: true,
  secretNotKept: true,
  notHere: true,
};

/** What a command was refused with, if it is a problem to be told; anything else is a failure of the app's own. */
export function problemIn(error: unknown): ConnectionProblem | null {
  const kind: unknown = typeof error === 'object' && error !== null && 'kind' in error ? error.kind : null;
  return typeof kind === 'string' && Object.hasOwn(KINDS, kind) ? (error as ConnectionProblem) : null;
}

/** The last part of an issuer's path. */
export const poolIdOf = (issuer: string): string => issuer.slice(issuer.lastIndexOf('/') + 1);

/** The region in the name of one of Cognito's own hosts (AWS General Reference, "Amazon Cognito endpoints"). */
const regionOf = (host: string): string | null => /^cognito-idp(?:-fips)?\.([a-z0-9-]+)\./u.exec(host)?.[1] ?? null;

/** Each field by the setting that stands for it. */
const SETTINGS: Record<ConnectionField, string> = {
  pool: 'COGNITO_ISSUER',
  clientId: 'COGNITO_CLIENT_ID',
  clientSecret: 'COGNITO_CLIENT_SECRET',
};

/** Faults that the form itself answers: nothing is set yet. Any other is told in full above the form. */
export const unanswered = (faults: SettingFault[]): SettingFault[] =>
  faults.filter(
    ({ setting, problem }) =>
      problem.kind !== 'missing' || (setting !== SETTINGS.pool && setting !== SETTINGS.clientId),
  );

/** What the form starts from where nothing can be used: a value with a slip is easier to mend than to type again. */
export const typedBefore = (faults: SettingFault[], begun: Connection = { issuer: '', clientId: '' }): Connection => {
  const found = (wanted: string): string | null => faults.find(({ setting }) => setting === wanted)?.value ?? null;
  return { issuer: found(SETTINGS.pool) ?? begun.issuer, clientId: found(SETTINGS.clientId) ?? begun.clientId };
};

/** Tells why a pool was not connected. */
export function connectionWords(m: Messages, problem: ConnectionProblem): ConnectionWords {
  const words = m.connect;
  switch (problem.kind) {
    case 'form':
      return formWords(m, problem.field, problem.problem);
    case 'pool':
      return poolWords(m, problem.field, problem.fault, problem.host);
    case 'otherIssuer':
      return { place: 'pool', detail: null, ...words.otherIssuer(problem.issuer) };
    case 'setting': {
      const { setting, problem: of } = problem.fault;
      const { what, fix } = problemWords(m, of, setting);
      return { place: 'form', detail: null, what: words.setting(setting), next: m.common.sentences(what, fix) };
    }
    case 'notSaved': {
      const next = words.fileNotWritten(problem.path, problem.reason);
      return { place: 'form', detail: null, what: words.notSaved, next };
    }
    case 'secretNotKept':
      return {
        place: 'form',
        detail: null,
        what: words.secretNotKept,
        next: words.keychain[problem.cause],
        locked: problem.cause === 'locked',
      };
    case 'notUnlocked':
      return { place: 'form', detail: null, what: words.notUnlocked, next: words.keychain[problem.cause], locked: true };
    case 'notHere':
      return { place: 'form', detail: null, ...words.notHere };
  }
}

/** Tells why a pool was not forgotten: never a matter of what is typed. */
export function forgettingWords(m: Messages, problem: ConnectionProblem): ConnectionWords {
  const { what, next, detail, locked = false } = connectionWords(m, problem);
  const said = problem.kind === 'notSaved' || problem.kind === 'secretNotKept' ? next : m.common.sentences(what, next);
  return { place: 'form', what: m.connect.notForgotten, next: said, detail, locked };
}

function formWords(m: Messages, field: ConnectionField, problem: SettingProblem): ConnectionWords {
  const words = m.connect.form;
  const at = { place: field, detail: null };
  if (problem.kind === 'missing') return { ...at, what: words.missing[field], next: '' };
  if (problem.kind === 'notAUrl' || problem.kind === 'noPoolId') return { ...at, ...words.noPoolId(EXAMPLE_POOL_ID) };
  if (problem.kind === 'clientSecretForm') return { ...at, ...words.clientSecretForm };
  const { what, fix } = problemWords(m, problem, SETTINGS[field]);
  return { ...at, what, next: fix };
}

function poolWords(m: Messages, field: ConnectionField | null, fault: Fault, host: string): ConnectionWords {
  const own = m.connect.faults;
  const { code, detail } = fault;
  if (!Object.hasOwn(own, code)) return { place: 'form', detail, ...m.faults[code] };
  const tell = own[code as keyof typeof own];
  const words = tell({ host, where: regionOf(host) ?? host });
  // A field's own words say it all; what is on the way to the pool may need the details.
  return { place: field ?? 'form', detail: field === null ? detail : null, ...words };
}
