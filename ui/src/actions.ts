import type { Backend } from './backend';
import type { ConnectionProblem } from './bindings/ConnectionProblem';
import { problemIn } from './connection';

/** What came of connecting to a pool. Where it is not done and there is no problem, the window has told of it. */
export interface Outcome {
  done: boolean;
  problem: ConnectionProblem | null;
}

/** What the screens can ask for; each resolves to what the backend made of it, and never rejects. */
export interface Actions {
  signIn(username: string, password: string): Promise<boolean>;
  answerNewPassword(password: string, attributes: Record<string, string>): Promise<boolean>;
  answerCode(code: string): Promise<boolean>;
  resendCode(): Promise<boolean>;
  cancel(): Promise<boolean>;
  signOut(): Promise<boolean>;
  signOutEverywhere(): Promise<boolean>;
  retry(): Promise<boolean>;
  proceedWithoutKeychain(): Promise<boolean>;
  connect(pool: string, clientId: string, clientSecret: string | null): Promise<Outcome>;
  disconnect(): Promise<Outcome>;
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
  return {
    signIn: (username, password) => told(backend.signIn(username, password)),
    answerNewPassword: (password, attributes) => told(backend.answerNewPassword(password, attributes)),
    answerCode: (code) => told(backend.answerCode(code)),
    resendCode: () => told(backend.resendCode()),
    cancel: () => told(backend.cancel()),
    signOut: () => told(backend.signOut()),
    signOutEverywhere: () => told(backend.signOutEverywhere()),
    retry: () => told(backend.retry()),
    proceedWithoutKeychain: () => told(backend.proceedWithoutKeychain()),
    connect: (pool, clientId, clientSecret) => explained(backend.connect(pool, clientId, clientSecret)),
    disconnect: () => explained(backend.disconnect()),
  };
}
