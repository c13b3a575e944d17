import type { AuthFlow } from './bindings/AuthFlow';

/** What the sign-in form asks for at first, and whether it offers to do with more or with less. */
export interface Asks {
  password: boolean;
  otherwise: boolean;
}

/**
 * Where the pool's owner lets the user choose, the name comes first: not everybody there has a password. A flow that
 * needs one is never begun without it, and one that has no use for it does not ask.
 */
const BY_FLOW: Record<AuthFlow, Asks> = {
  USER_SRP_AUTH: { password: true, otherwise: false },
  USER_PASSWORD_AUTH: { password: true, otherwise: false },
  CUSTOM_AUTH_WITH_SRP: { password: true, otherwise: false },
  USER_AUTH: { password: false, otherwise: true },
  CUSTOM_AUTH: { password: false, otherwise: false },
};

export const asksAtSignIn = (flow: AuthFlow | null): Asks =>
  flow === null ? { password: true, otherwise: true } : BY_FLOW[flow];

/** Whether an account without a password could ever sign in. */
export const worksWithoutPassword = (flow: AuthFlow | null): boolean => flow === null || flow === 'USER_AUTH';
