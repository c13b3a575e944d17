import type { FaultCode } from './bindings/FaultCode';
import type { Messages } from './messages';

/**
 * Why it could not be confirmed that whoever is signed in is there: the words for a sign-in that failed would send
 * people to a form that is not on the screen.
 */
export function presenceWords(m: Messages, code: FaultCode): { what: string; next: string } {
  const own = m.presence.faults;
  return Object.hasOwn(own, code) ? own[code as keyof typeof own] : m.faults[code];
}
