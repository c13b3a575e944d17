import type { Actions, Answer } from '../actions';
import type { Account } from '../bindings/Account';
import type { Attribute } from '../bindings/Attribute';
import type { CodeSent } from '../bindings/CodeSent';
import type { Timestamp } from '../bindings/Timestamp';
import type { Desk } from '../desk.svelte';
import { Loaded } from './loaded.svelte';

/** For how long another code had better not be asked for, in milliseconds. */
const RESEND_AFTER = 30_000;

/** A code that was sent to verify an attribute and has not been entered. */
export interface Pending {
  sent: CodeSent;
  /** What the pool goes by until then, where that is another value. */
  kept: string | null;
  resendAt: Timestamp;
  resent: number;
  /** The user has put it off. */
  later: boolean;
  /** As typed. */
  code: string;
}

/** What the pool holds of the user, and what of it is being changed. It outlasts the page. */
export class Details {
  readonly account: Loaded<Account>;
  /** The attribute whose value is being edited; one at a time. */
  editing = $state<string | null>(null);
  /** As typed and not saved, by attribute. */
  readonly drafts: Record<string, string> = $state({});
  readonly pending: Record<string, Pending> = $state({});
  /** The attribute that was come here for, to be verified. */
  wanted: string | null = null;
  /** What was done last. */
  told = $state('');

  readonly desk: Desk;
  readonly #actions: Actions;

  constructor(desk: Desk, actions: Actions) {
    this.desk = desk;
    this.#actions = actions;
    this.account = new Loaded(() => actions.account());
  }

  static of(desk: Desk, actions: Actions): Details {
    return desk.keep('details', () => new Details(desk, actions));
  }

  attribute(name: string): Attribute | null {
    return this.account.value?.attributes.find((it) => it.name === name) ?? null;
  }

  /** Notes what was typed as a code. */
  type(name: string, code: string): void {
    const pending = this.pending[name];
    if (pending !== undefined) pending.code = code;
  }

  /** The code is entered at another time, or now. */
  putOff(name: string, later: boolean): void {
    const pending = this.pending[name];
    if (pending !== undefined) pending.later = later;
  }

  /** Saves a value, and shows what the pool holds then. */
  async save(name: string, value: string, now: Timestamp): Promise<Answer<CodeSent[]>> {
    const answer = await this.#actions.changeAttributes({ [name]: value });
    if (!answer.done) return answer;
    await this.account.load();
    for (const sent of answer.value) this.#awaitCode(sent, value, now);
    return answer;
  }

  async remove(name: string): Promise<Answer<void>> {
    const answer = await this.#actions.deleteAttributes([name]);
    if (!answer.done) return answer;
    delete this.pending[name];
    await this.account.load();
    return answer;
  }

  /** Whether the codes of a second factor go there. */
  carriesCodes(name: string): boolean {
    const factors = this.account.value?.secondFactors ?? [];
    return (name === 'email' && factors.includes('email')) || (name === 'phone_number' && factors.includes('sms'));
  }

  /** Has the user prove to be there, to go on with a change then. */
  prove(name: string, doing: 'save' | 'remove'): void {
    void this.desk.prove({ kind: 'attribute', name, doing }, this.#actions);
  }

  /** Asks for a code that was sent earlier, as before a restart. */
  awaitEarlierCode(name: string, now: Timestamp): void {
    const sent: CodeSent = { attribute: name, destination: null, method: name === 'phone_number' ? 'sms' : 'email' };
    this.pending[name] = { sent, kept: null, resendAt: now, resent: 0, later: false, code: '' };
  }

  /** Has a code sent for a value that is in place and not verified. */
  async begin(name: string, now: Timestamp): Promise<Answer<CodeSent>> {
    const answer = await this.#actions.sendAttributeCode(name);
    if (answer.done) this.#awaitCode(answer.value, null, now);
    return answer;
  }

  async resend(name: string, now: Timestamp): Promise<Answer<CodeSent>> {
    const answer = await this.#actions.sendAttributeCode(name);
    const pending = this.pending[name];
    if (answer.done && pending !== undefined) {
      this.pending[name] = { ...pending, sent: answer.value, resendAt: now + RESEND_AFTER, resent: pending.resent + 1 };
    }
    return answer;
  }

  async verify(name: string, code: string): Promise<Answer<void>> {
    const answer = await this.#actions.verifyAttribute(name, code);
    if (!answer.done) return answer;
    await this.account.load();
    delete this.pending[name];
    return answer;
  }

  #awaitCode(sent: CodeSent, wanted: string | null, now: Timestamp): void {
    const held = this.attribute(sent.attribute)?.value ?? null;
    const kept = wanted !== null && held !== wanted ? held : null;
    this.pending[sent.attribute] = { sent, kept, resendAt: now + RESEND_AFTER, resent: 0, later: false, code: '' };
  }
}
