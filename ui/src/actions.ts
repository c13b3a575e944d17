import type { Backend } from './backend';
import type { AuthenticatorSetUp } from './bindings/AuthenticatorSetUp';
import type { ConnectionProblem } from './bindings/ConnectionProblem';
import { problemIn } from './connection';

/** What came of connecting to a pool. Where it is not done and there is no problem, the window has told of it. */
export interface Outcome {
  done: boolean;
  problem: ConnectionProblem | null;
}

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
  'rememberDevice',
  'cancel',
  'signOut',
  'signOutEverywhere',
  'retry',
  'proceedWithoutKeychain',
] as const satisfies readonly (keyof Backend)[];

type Told = {
  [Command in (typeof TOLD)[number]]: (...given: Parameters<Backend[Command]>) => Promise<boolean>;
};

/** What the screens can ask for; each resolves to what the backend made of it, and never rejects. */
export interface Actions extends Told {
  connect(pool: string, clientId: string, clientSecret: string | null): Promise<Outcome>;
  disconnect(): Promise<Outcome>;
  unlock(goOn: boolean): Promise<Outcome>;
  /** None where there is none, and where it could not be had. */
  authenticatorSecret(): Promise<AuthenticatorSetUp | null>;
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
  const commands = Object.fromEntries(
    TOLD.map((name) => {
      const command = backend[name] as (...given: unknown[]) => Promise<void>;
      return [name, (...given: unknown[]) => told(command(...given))];
    }),
  ) as unknown as Told;
  return {
    ...commands,
    connect: (pool, clientId, clientSecret) => explained(backend.connect(pool, clientId, clientSecret)),
    disconnect: () => explained(backend.disconnect()),
    unlock: (goOn) => explained(backend.unlock(goOn)),
    authenticatorSecret: () => backend.authenticatorSecret().catch(() => null),
  };
}
