/** Work that is over sooner than this needs no word, in milliseconds. */
const QUIET = 300;

/** Whether work has been going on for so long that it is told. Begun where a component is. */
export class Telling {
  #now = $state(false);

  constructor(busy: () => boolean, quiet = QUIET) {
    $effect(() => {
      if (!busy()) return;
      const timer = setTimeout(() => (this.#now = true), quiet);
      return () => {
        clearTimeout(timer);
        this.#now = false;
      };
    });
  }

  get now(): boolean {
    return this.#now;
  }
}
