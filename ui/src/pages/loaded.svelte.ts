import type { Answer } from '../actions';
import type { Fault } from '../bindings/Fault';

/** Something that the pool is asked for: the newest answer stays when a later one cannot be had. */
export class Loaded<Value> {
  value = $state.raw<Value | undefined>(undefined);
  loading = $state(false);
  /** The last time it could not be had. */
  failed = $state(false);
  /** Why, where the pool or the way to it is the cause. */
  fault = $state.raw<Fault | null>(null);

  readonly #ask: () => Promise<Answer<Value>>;
  #turn = 0;

  constructor(ask: () => Promise<Answer<Value>>) {
    this.#ask = ask;
  }

  async load(): Promise<void> {
    const turn = (this.#turn += 1);
    this.loading = true;
    const answer = await this.#ask();
    // What was asked for later is about a later state of affairs.
    if (turn !== this.#turn) return;
    this.loading = false;
    this.failed = !answer.done;
    this.fault = !answer.done && answer.problem?.kind === 'fault' ? answer.problem.fault : null;
    if (answer.done) this.value = answer.value;
  }
}
