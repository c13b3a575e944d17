import type { Actions } from './actions';
import type { CodeMethod } from './bindings/CodeMethod';
import type { Fault } from './bindings/Fault';
import type { Timestamp } from './bindings/Timestamp';
import type { View } from './bindings/View';

export type Page = 'account' | 'security' | 'devices';

/** What was begun and waits for a proof that the user is there. */
export type Begun =
  | { kind: 'deleteAccount' }
  | { kind: 'turnOff'; method: CodeMethod }
  | { kind: 'setUp' }
  | { kind: 'setPassword' }
  | { kind: 'attribute'; name: string; doing: 'save' | 'remove' };

/** How the asking for a proof has ended. */
export type Proof = { good: true } | { good: false; fault: Fault | null };

/**
 * What a signed-in person has open: the page, and what was begun there. It outlasts the pages, and the questions that
 * take their place in between.
 */
export class Desk {
  page = $state<Page>('account');
  /** Moments that the page counts down to. */
  moments = $state.raw<readonly Timestamp[]>([]);
  begun = $state.raw<Begun | null>(null);
  proof = $state.raw<Proof | null>(null);
  /** The last asking for a proof was for what was begun on a page, which tells what came of it. */
  own = $state(false);

  #proving = false;
  readonly #kept = new Map<string, unknown>();

  /** What a page keeps for the next time it is opened. */
  keep<Kept>(name: string, make: () => Kept): Kept {
    if (!this.#kept.has(name)) this.#kept.set(name, make());
    return this.#kept.get(name) as Kept;
  }

  /** Has the user prove to be there, to go on with `begun` then. */
  async prove(begun: Begun, actions: Actions): Promise<void> {
    this.begun = begun;
    this.proof = null;
    if (!(await actions.provePresence())) this.settle();
  }

  /** What was begun goes on, or was given up. */
  settle(): void {
    this.begun = null;
    this.proof = null;
  }

  /** Learns from each view how the proof stands. Whoever is signed in has no other attempt than one for a proof. */
  observe({ attempt, presenceUntil }: View): void {
    if (this.begun !== null && attempt.state === 'idle') {
      if (presenceUntil !== null) this.proof = { good: true };
      else if (this.#proving) this.proof = { good: false, fault: attempt.fault };
    }
    if (!this.#proving && attempt.state !== 'idle') this.own = this.begun !== null;
    this.#proving = attempt.state !== 'idle';
  }
}
