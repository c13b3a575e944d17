import type { Receipt } from './bindings/Receipt';
import type { Timestamp } from './bindings/Timestamp';
import type { Messages } from './messages';
import type { Times } from './time';

/** How something stands after signing out. */
export type Mark = 'done' | 'underWay' | 'waiting' | 'failed' | 'livesOn' | 'untouched';

/** One thing that a sign-out ends, or does not. */
export interface Line {
  name: 'device' | 'refresh-token' | 'access-token' | 'browser' | 'others';
  mark: Mark;
  label: string;
  text: string;
  /** Until when it lives on, where that is known. */
  life: { at: Timestamp; text: string } | null;
}

interface Circumstances {
  /** Until when a session can be renewed after it has begun, in seconds, where that is known. */
  validityS: number | null;
  /** All of it is under way, and has not taken long. */
  underWay: boolean;
  now: Timestamp;
}

/** Whether something is left over that is not just being done. */
export const isUnfinished = ({ pool, keychainCleared, browser }: Receipt): boolean =>
  (pool.state !== 'telling' && (pool.state !== 'revoked' || !keychainCleared)) || browser?.state === 'failed';

/** Whether something lives on that nobody will end. */
export const isLost = ({ pool, browser }: Receipt): boolean =>
  pool.state === 'failed' || (pool.state === 'waiting' && !pool.kept) || browser?.state === 'failed';

/** Whether trying again could do anything. */
export const canBeTried = ({ pool, keychainCleared }: Receipt): boolean => pool.state === 'telling' || pool.state === 'waiting' || !keychainCleared;

/** The receipt in one sentence or a few. */
export function receiptSentence(m: Messages, receipt: Receipt, underWay: boolean): string {
  const sentence = poolSentence(m, receipt, underWay);
  const state = receipt.browser?.state;
  if (underWay || state === undefined) return sentence;
  const { browserTelling, browserFailed, vouched } = m.ended.sentences;
  if (state === 'ended') {
    // The pool's page ends the pool's session there, and nobody else's.
    const { providers } = receipt;
    return providers.length === 0 ? sentence : m.common.sentences(sentence, vouched(providers.reduce(m.common.names)));
  }
  return m.common.sentences(sentence, state === 'telling' ? browserTelling : browserFailed);
}

function poolSentence(m: Messages, receipt: Receipt, underWay: boolean): string {
  const { everywhere, pool, keychainCleared } = receipt;
  const words = m.ended.sentences;
  switch (pool.state) {
    case 'telling':
      return underWay ? words.here : words.telling;
    case 'revoked':
      if (underWay) return words.here;
      if (!keychainCleared) return words.notCleared;
      return everywhere ? words.everywhere : words.revoked;
    case 'waiting':
      return m.common.sentences(m.faults[pool.code].what, pool.kept ? words.kept : words.notKept);
    case 'failed':
      return m.common.sentences(m.faults[pool.code].what, words.failed);
  }
}

/** Every line of the receipt: what has ended, what is still to come, and what lives on until when. */
export function receiptLines(m: Messages, say: Times, receipt: Receipt, given: Circumstances): Line[] {
  return [
    device(m, receipt, given),
    ...browser(m, receipt),
    refreshToken(m, say, receipt, given),
    accessToken(m, say, receipt, given),
    others(m, receipt),
  ];
}

function browser(m: Messages, { browser: told }: Receipt): Line[] {
  if (told === null) return [];
  const { label, telling, ended, failed } = m.ended.browser;
  const line = { name: 'browser', label, life: null } as const;
  if (told.state === 'telling') return [{ ...line, mark: 'underWay', text: telling }];
  if (told.state === 'ended') return [{ ...line, mark: 'done', text: ended }];
  return [{ ...line, mark: 'failed', text: m.common.sentences(m.faults[told.code].what, failed) }];
}

function device(m: Messages, { keychainCleared }: Receipt, { underWay }: Circumstances): Line {
  const { label, cleared, clearing, notCleared } = m.ended.device;
  const line = { name: 'device', label, life: null } as const;
  if (keychainCleared) return { ...line, mark: 'done', text: cleared };
  return underWay ? { ...line, mark: 'underWay', text: clearing } : { ...line, mark: 'waiting', text: notCleared };
}

function refreshToken(m: Messages, say: Times, { pool, since }: Receipt, { validityS, now }: Circumstances): Line {
  const words = m.ended.refreshToken;
  const line = { name: 'refresh-token', label: words.label, life: null } as const;
  if (pool.state === 'revoked') return { ...line, mark: 'done', text: words.revoked };
  if (pool.state === 'telling') return { ...line, mark: 'underWay', text: words.telling };
  const end = validityS === null ? null : since + validityS * 1000;
  if (end !== null && end <= now) return { ...line, mark: 'done', text: words.expired };
  const { state: mark } = pool;
  const { text, until, untilEnded } = words[mark];
  if (end === null) return { ...line, mark, text: m.common.sentences(text, untilEnded) };
  return { ...line, mark, text, life: { at: end, text: until(say.short(end, now), say.until(end, now)) } };
}

function accessToken(m: Messages, say: Times, { accessTokenUntil: at }: Receipt, { now }: Circumstances): Line {
  const { label, expired, until } = m.ended.accessToken;
  const line = { name: 'access-token', label } as const;
  if (at <= now) return { ...line, mark: 'done', text: expired, life: null };
  return { ...line, mark: 'livesOn', text: '', life: { at, text: until(say.short(at, now), say.until(at, now)) } };
}

function others(m: Messages, { everywhere, pool }: Receipt): Line {
  const { label, ended, untouched } = m.ended.others;
  const line = { name: 'others', label, life: null } as const;
  // Signing out everywhere is over here only once the pool has done it.
  return everywhere && pool.state === 'revoked' ? { ...line, mark: 'done', text: ended } : { ...line, mark: 'untouched', text: untouched };
}
