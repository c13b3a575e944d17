import type { Answer } from '../actions';
import type { Fault } from '../bindings/Fault';
import type { FaultCode } from '../bindings/FaultCode';
import type { Timestamp } from '../bindings/Timestamp';
import { Conversation } from '../conversation.svelte';

/** A command for the account, from the click to the pool's answer. */
export class Errand {
  busy = $state(false);
  fault = $state.raw<Fault | null>(null);
  /** How many answers there have been. */
  answers = $state(0);

  /** One at a time: while it is busy, nothing else is to be begun. */
  async run<Value>(command: Promise<Answer<Value>>): Promise<Answer<Value>> {
    this.busy = true;
    const answer = await command;
    this.fault = !answer.done && answer.problem?.kind === 'fault' ? answer.problem.fault : null;
    this.busy = false;
    this.answers += 1;
    return answer;
  }

  /** What it was refused with has been read. */
  forget(): void {
    if (!this.busy) this.fault = null;
  }
}

interface Given {
  first: () => string;
  place: (code: FaultCode) => string;
  words?: (code: FaultCode) => string | null;
  /** Of a code that can be sent again. */
  code?: () => { resending: boolean; resent: number; resendAt: Timestamp | null };
}

/** A conversation whose answers are errands. Begun where a component is. */
export const conversationOf = (errand: Errand, { code, ...given }: Given): Conversation =>
  new Conversation({
    ...given,
    screen: () => ({ busy: errand.busy, fault: errand.fault, ...code?.() }),
    revision: () => errand.answers,
  });
