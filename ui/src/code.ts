import type { Messages } from './messages';

/** Digits in the widths that input methods make them, and what may stand between them where a code is shown. */
const FULL_WIDTH = /[０-９]/gu;
const BETWEEN = /[\s\u200b-\u200f\u2060\ufeff\-\u2010-\u2015\u2212\uff0d\u30fc]/gu;

/** A code as it is sent: its digits, however it was typed or pasted; null where anything else is in it. */
export function digitsOf(entered: string): string | null {
  const digits = entered
    .replace(FULL_WIDTH, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0))
    .replace(BETWEEN, '');
  return /^\d+$/u.test(digits) ? digits : null;
}

/** What is wrong with a code as it was typed, in words; null where nothing is. */
export function codeProblem(m: Messages, entered: string): string | null {
  if (entered.trim() === '') return m.code.need;
  return digitsOf(entered) === null ? m.code.digitsOnly : null;
}

/** The code in a message that was pasted whole: its only run of six to eight digits, or what can be read as one. */
export function codeIn(pasted: string): string | null {
  const whole = digitsOf(pasted);
  if (whole !== null) return whole;
  const plain = pasted.replace(FULL_WIDTH, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0));
  const found = [...plain.matchAll(/(?<!\d)\d{3,4}[ \-\u2013]?\d{3,4}(?!\d)/gu)].map(([text]) => text.replace(/\D/gu, ''));
  return found.length === 1 ? (found[0] ?? null) : null;
}
