import { onDestroy } from 'svelte';

import { copy, select } from './clipboard';

/** How long "copied" stays, in milliseconds. */
const SHOWN = 2000;

/** What came of copying a text. Begun where a component is. */
export class Copying {
  /** `selected` is to be copied by hand; `failed` where there was nothing to select. */
  outcome = $state<'copied' | 'selected' | 'failed' | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    onDestroy(() => clearTimeout(this.#timer));
  }

  /** Copies, or selects what `element` shows where the clipboard is out of reach. */
  async copy(text: string, element: HTMLElement | undefined): Promise<void> {
    clearTimeout(this.#timer);
    if (await copy(text)) {
      this.outcome = 'copied';
    } else {
      if (element) select(element);
      this.outcome = element ? 'selected' : 'failed';
    }
    this.#timer = setTimeout(() => (this.outcome = null), SHOWN);
  }
}
