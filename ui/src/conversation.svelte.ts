import { onMount, tick } from 'svelte';

import type { Fault } from './bindings/Fault';
import type { FaultCode } from './bindings/FaultCode';
import type { Lapse } from './bindings/Lapse';
import type { Timestamp } from './bindings/Timestamp';
import { opensDetail } from './faults';
import { useLanguage } from './messages';
import { presenceWords } from './presence';
import type { Asked } from './screen';
import { Sent } from './sent.svelte';

/** What can take the focus. */
export interface Focusable {
  focus(): void;
}

/** Something to be told beside what has caused it, or above everything. */
export interface Problem {
  /** A field by its name, or `form`. */
  place: string;
  text: string;
  fault: Fault | null;
}

interface Given {
  /** What the snapshot says; the forms that come before a challenge know less. */
  screen: () => Pick<Asked, 'busy' | 'fault'> & Partial<Asked>;
  revision: () => number;
  /** Which field has caused a fault; `form` where none has. */
  place: (code: FaultCode, detail: string | null) => string;
  /** Words of its own for a fault, where the general ones would mislead here. */
  words?: (code: FaultCode) => string | null;
  /** Where the focus begins. */
  first: () => string;
  /** The answer was taken, and the same question is asked anew. */
  onfresh?: () => void;
}

/**
 * One question to the user, from the first look at it until the pool has answered: what is wrong and where that is
 * told, whether an answer is under way, and where the focus goes.
 */
export class Conversation {
  /** By name, whatever may take the focus. */
  readonly fields: Record<string, Focusable | null | undefined> = $state({});
  banner = $state<Focusable>();

  readonly #given: Given;
  readonly #m = useLanguage().m;
  readonly #sent: Sent;
  #local = $state.raw<Problem | null>(null);
  /** The last problem keeps its place while the next answer is awaited. */
  #last = $state.raw<Problem | null>(null);
  /** So does what is not said while the pool decides. */
  #kept = $state.raw<Pick<Asked, 'lapses' | 'canGoBack' | 'resendAt'>>({ lapses: null, canGoBack: false, resendAt: null });

  readonly busy = $derived.by(() => this.#given.screen().busy || this.#sent.waiting);
  readonly #reported = $derived.by(() => this.#report());
  readonly problem = $derived.by((): Problem | null => (this.busy ? this.#last : (this.#local ?? this.#reported)));

  constructor(given: Given) {
    this.#given = given;
    this.#sent = new Sent(given.revision);

    $effect(() => {
      if (!this.busy) this.#last = this.problem;
    });
    $effect(() => {
      const { busy, lapses = null, canGoBack = false, resendAt = null } = given.screen();
      if (!busy) this.#kept = { lapses, canGoBack, resendAt };
    });

    let wasBusy = false;
    let decided = false;
    let resending = false;
    $effect(() => {
      const { busy } = this;
      const screen = given.screen();
      if (wasBusy && !busy) {
        if (decided && !resending && screen.fault === null) given.onfresh?.();
        if (decided || this.problem !== null) void this.toProblem();
      }
      wasBusy = busy;
      decided = busy && (decided || screen.busy);
      resending = busy && (resending || screen.resending === true);
    });

    onMount(() => void this.toProblem());
  }

  /** Whoever is signed in proves to be there. */
  get proving(): boolean {
    return this.#given.screen().purpose === 'provePresence';
  }

  /** What happened and what to do, where the screen has no words of its own for it. */
  general(code: FaultCode): { what: string; next: string } {
    return this.proving ? presenceWords(this.#m, code) : this.#m.faults[code];
  }

  get resending(): boolean {
    return this.#given.screen().resending ?? false;
  }

  /** How often the code was sent again; not told while another one is on its way. */
  get resent(): number {
    return this.busy ? 0 : (this.#given.screen().resent ?? 0);
  }

  get lapses(): Lapse | null {
    return this.#given.screen().busy ? this.#kept.lapses : (this.#given.screen().lapses ?? null);
  }

  get canGoBack(): boolean {
    return this.#given.screen().busy ? this.#kept.canGoBack : (this.#given.screen().canGoBack ?? false);
  }

  get resendAt(): Timestamp | null {
    return this.#given.screen().busy ? this.#kept.resendAt : (this.#given.screen().resendAt ?? null);
  }

  errorAt(place: string): string | null {
    return this.problem?.place === place ? this.problem.text : null;
  }

  /** Sends an answer, unless something is wrong with it that needs no pool to say so: `[place, text]`. */
  answer(wrong: readonly [string, string] | null, send: () => Promise<boolean>): void {
    if (this.busy) return;
    if (wrong === null) {
      this.#local = null;
      void this.#sent.begin(send());
      return;
    }
    this.complain(...wrong);
  }

  /** Tells that something is wrong with the answer, and goes there. */
  complain(place: string, text: string): void {
    this.#local = { place, text, fault: null };
    void this.toProblem();
  }

  /** Moves the focus to what is wrong, or to where the answer begins. */
  async toProblem(): Promise<void> {
    await tick();
    const place = this.problem?.place ?? this.#given.first();
    const code = this.problem?.fault?.code;
    // What has led to this challenge is no fault of anything that was entered here: the answer can begin.
    const led = code === 'passwordResetRequired' || code === 'userNotConfirmed';
    if (place === 'form' && !led) this.banner?.focus();
    else (this.fields[place] ?? this.fields[this.#given.first()])?.focus();
  }

  #report(): Problem | null {
    const { fault, canGoBack } = this.#given.screen();
    if (fault === null) return null;
    const { code, detail } = fault;
    // At a challenge, the sign-in has been begun again already.
    const again = code === 'challengeExpired' && canGoBack !== undefined ? this.#m.step.begunAgain : null;
    const own = this.#given.words?.(code) ?? again;
    const place = this.#given.place(code, detail);
    const { what, next } = this.general(code);
    const text = own ?? this.#m.common.sentences(what, next);
    // Beside a field there is no room for a disclosure, and the pool's own words say which rule it is.
    return { place, text: place !== 'form' && opensDetail(code) && detail !== null ? `${text} (${detail})` : text, fault };
  }
}
