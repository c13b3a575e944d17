/** How long an accepted command may go without a sign of it, in milliseconds. */
const PATIENCE = 3000;

/** A command on its way: from the click until a snapshot shows what came of it. */
export class Sent {
  #since = $state<number | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #revision: () => number;

  constructor(revision: () => number) {
    this.#revision = revision;
  }

  get waiting(): boolean {
    return this.#since !== null && this.#revision() <= this.#since;
  }

  /** `command` resolves to whether it was accepted. */
  async begin(command: Promise<boolean>): Promise<void> {
    clearTimeout(this.#timer);
    this.#since = this.#revision();
    if (await command) this.#timer = setTimeout(() => (this.#since = null), PATIENCE);
    else this.#since = null;
  }
}
