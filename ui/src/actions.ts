import type { Backend } from './backend';
import type { AccountProblem } from './bindings/AccountProblem';
import type { AuthenticatorSetUp } from './bindings/AuthenticatorSetUp';
import type { ConnectionProblem } from './bindings/ConnectionProblem';
import type { Fault } from './bindings/Fault';
import { problemIn } from './connection';

/** What came of connecting to a pool. Where it is not done and there is no problem, the window has told of it. */
export interface Outcome {
  done: boolean;
  problem: ConnectionProblem | null;
}

/** What the pool answered to a command for the account. Without a problem, the app itself has failed. */
export type Answer<Value> = { done: true; value: Value } | { done: false; problem: AccountProblem | null };

/** Commands whose outcome is seen in a snapshot. */
const TOLD = [
  'signIn',
  'signUp',
  'forgotPassword',
  'answerNewPassword',
  'answerCode',
  'answerWay',
  'answerPassword',
  'answerSecondFactor',
  'answerAuthenticator',
  'answerEmail',
  'answerCustom',
  'answerReset',
  'chooseAgain',
  'resendCode',
  'signInInBrowser',
  'openBrowserAgain',
  'dismissLinkNotice',
  'dismissPasskeyTold',
  'rememberDevice',
  'cancel',
  'signOut',
  'signOutEverywhere',
  'retry',
  'proceedWithoutKeychain',
  'provePresence',
] as const satisfies readonly (keyof Backend)[];

/** Commands for the account that only look; the page tells by itself what could not be had. */
const LOOKING = ['account', 'beginAuthenticator', 'devices', 'passkeys', 'sessions'] as const satisfies readonly (keyof Backend)[];

/** Commands that change the account. */
const CHANGING = [
  'changeAttributes',
  'deleteAttributes',
  'sendAttributeCode',
  'verifyAttribute',
  'changePassword',
  'confirmAuthenticator',
  'enableSecondFactor',
  'disableSecondFactor',
  'preferSecondFactor',
  'forgetDevice',
  'deletePasskey',
  'addPasskey',
  'revokeSession',
  'deleteAccount',
] as const satisfies readonly (keyof Backend)[];

type Told = {
  [Command in (typeof TOLD)[number]]: (...given: Parameters<Backend[Command]>) => Promise<boolean>;
};

type Answered = {
  [Command in (typeof LOOKING | typeof CHANGING)[number]]: (
    ...given: Parameters<Backend[Command]>
  ) => Promise<Answer<Awaited<ReturnType<Backend[Command]>>>>;
};

const ACCOUNT_PROBLEMS: Record<AccountProblem['kind'], true> = {
  fault: true,
  presenceNeeded: true,
  nameDiffers: true,
  signedOut: true,
};

/** What a command for the account was refused with; anything else is a failure of the app's own. */
function accountProblemIn(error: unknown): AccountProblem | null {
  const kind: unknown = typeof error === 'object' && error !== null && 'kind' in error ? error.kind : null;
  if (typeof kind === 'string' && Object.hasOwn(ACCOUNT_PROBLEMS, kind)) return error as AccountProblem;
  const fault = faultIn(error);
  return fault === null ? null : { kind: 'fault', fault };
}

/** The fault that a command was refused with, if it is one to be told. */
function faultIn(error: unknown): Fault | null {
  return typeof error === 'object' && error !== null && 'code' in error && 'detail' in error ? (error as Fault) : null;
}

/** What the screens can ask for; each resolves to what the backend made of it, and never rejects. */
export interface Actions extends Told, Answered {
  connect(pool: string, clientId: string, clientSecret: string | null): Promise<Outcome>;
  disconnect(): Promise<Outcome>;
  unlock(goOn: boolean): Promise<Outcome>;
  /** None where there is none, and where it could not be had. */
  authenticatorSecret(): Promise<AuthenticatorSetUp | null>;
  /** The same of the address that the browser was opened on. */
  browserLink(): Promise<string | null>;
  /** Whether the link was taken; where it was not and there is no fault, the window has told of it. */
  pasteLink(link: string): Promise<{ done: boolean; fault: Fault | null }>;
}

/** `tell` learns of every outcome, so that a refusal is shown and a success takes the notice away. */
export function actions(backend: Backend, tell: (accepted: boolean) => void): Actions {
  const told = async (command: Promise<void>): Promise<boolean> => {
    const accepted = await command.then(
      () => true,
      () => false,
    );
    tell(accepted);
    return accepted;
  };
  const explained = async (command: Promise<void>): Promise<Outcome> => {
    try {
      await command;
      tell(true);
      return { done: true, problem: null };
    } catch (error) {
      const problem = problemIn(error);
      tell(problem !== null);
      return { done: false, problem };
    }
  };
  const looked = async (command: Promise<unknown>): Promise<Answer<unknown>> => {
    try {
      return { done: true, value: await command };
    } catch (error) {
      return { done: false, problem: accountProblemIn(error) };
    }
  };
  const changed = async (command: Promise<unknown>): Promise<Answer<unknown>> => {
    const answer = await looked(command);
    tell(answer.done || answer.problem !== null);
    return answer;
  };
  const each = (names: readonly (keyof Backend)[], through: (command: Promise<never>) => Promise<unknown>): unknown =>
    Object.fromEntries(
      names.map((name) => {
        const command = backend[name] as (...given: unknown[]) => Promise<never>;
        return [name, (...given: unknown[]) => through(command(...given))];
      }),
    );
  return {
    ...(each(TOLD, told) as Told),
    ...(each([...LOOKING], looked) as Answered),
    ...(each([...CHANGING], changed) as Answered),
    connect: (pool, clientId, clientSecret) => explained(backend.connect(pool, clientId, clientSecret)),
    disconnect: () => explained(backend.disconnect()),
    unlock: (goOn) => explained(backend.unlock(goOn)),
    browserLink: () => backend.browserLink().catch(() => null),
    pasteLink: async (link) => {
      try {
        await backend.pasteLink(link);
        tell(true);
        return { done: true, fault: null };
      } catch (error) {
        const fault = faultIn(error);
        tell(fault !== null);
        return { done: false, fault };
      }
    },
    authenticatorSecret: () => backend.authenticatorSecret().catch(() => null),
  };
}
