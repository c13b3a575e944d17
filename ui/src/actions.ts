import type { Backend } from './backend';

/** What the screens can ask for; each resolves to whether the backend accepted it, and never rejects. */
export interface Actions {
  signIn(username: string, password: string): Promise<boolean>;
  answerNewPassword(password: string, attributes: Record<string, string>): Promise<boolean>;
  cancel(): Promise<boolean>;
  signOut(): Promise<boolean>;
  retry(): Promise<boolean>;
  proceedWithoutKeychain(): Promise<boolean>;
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
  return {
    signIn: (username, password) => told(backend.signIn(username, password)),
    answerNewPassword: (password, attributes) => told(backend.answerNewPassword(password, attributes)),
    cancel: () => told(backend.cancel()),
    signOut: () => told(backend.signOut()),
    retry: () => told(backend.retry()),
    proceedWithoutKeychain: () => told(backend.proceedWithoutKeychain()),
  };
}
