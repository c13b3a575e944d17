import type { Timestamp } from './bindings/Timestamp';
import type { Messages } from './messages';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** What is nearer than this is counted in seconds, where it is a matter of them. */
const NEAR = 2 * MINUTE;

/** Times in the words people use, in one language. Every moment is by the pool's clock, and so is `now`. */
export interface Times {
  /** Of something that has happened: "12 min ago". */
  ago(moment: Timestamp, now: Timestamp): string;
  /** Of something that is to come, also when it is a little late: "in 41 min". */
  until(moment: Timestamp, now: Timestamp): string;
  /** How much of it is left, and never more than there is: "2 min", "45 sec". */
  left(moment: Timestamp, now: Timestamp): string;
  /** As short as is unambiguous: the time today, with the date on another day. */
  short(moment: Timestamp, now: Timestamp): string;
  /** To the second, with the time zone. */
  exact(moment: Timestamp): string;
}

/** Each formatter takes the engine a millisecond to make: one for all who say times, and none before it is needed. */
const made = new Map<string, unknown>();

function once<Formatter>(name: string, make: () => Formatter): Formatter {
  if (!made.has(name)) made.set(name, make());
  return made.get(name) as Formatter;
}

const dates = (tag: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  once(`${tag} ${JSON.stringify(options)}`, () => new Intl.DateTimeFormat(tag, options));

const TIME_OF_DAY: Intl.DateTimeFormatOptions = { hour: 'numeric', minute: '2-digit' };
const DAY_AND_TIME: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short', ...TIME_OF_DAY };
const YEAR_AND_TIME: Intl.DateTimeFormatOptions = { year: 'numeric', ...DAY_AND_TIME };
const EXACT: Intl.DateTimeFormatOptions = { dateStyle: 'full', timeStyle: 'long' };

export function times(tag: string, words: Messages['time']): Times {
  // Japanese sets no space before its counters, and only the narrow style leaves it out.
  const style = tag.startsWith('ja') ? 'narrow' : 'short';
  const relative = (): Intl.RelativeTimeFormat =>
    once(`${tag} ${style}`, () => new Intl.RelativeTimeFormat(tag, { style, numeric: 'always' }));
  // Some systems' data abbreviates with a full stop ("12 min. ago"), others without.
  const format = (count: number, unit: Intl.RelativeTimeFormatUnit): string =>
    relative().format(count, unit).replace(/(\p{L})\./gu, '$1');
  return {
    ago(moment, now) {
      const distance = now - moment;
      if (distance < MINUTE) return words.justNow;
      const { size, unit } = unitFor(distance);
      return format(-Math.floor(distance / size), unit);
    },
    until(moment, now) {
      const distance = moment - now;
      if (distance < SECOND) return words.soon;
      const { size, unit } = unitFor(distance);
      return format(Math.round(distance / size), unit);
    },
    left(moment, now) {
      const distance = Math.max(0, moment - now);
      if (distance >= NEAR) return words.minutes(Math.floor(distance / MINUTE));
      return words.seconds(Math.ceil(distance / SECOND));
    },
    short(moment, now) {
      const then = new Date(moment);
      const today = new Date(now);
      if (then.toDateString() === today.toDateString()) return dates(tag, TIME_OF_DAY).format(then);
      return dates(tag, then.getFullYear() === today.getFullYear() ? DAY_AND_TIME : YEAR_AND_TIME).format(then);
    },
    exact: (moment) => dates(tag, EXACT).format(new Date(moment)),
  };
}

function unitFor(distance: number): { size: number; unit: Intl.RelativeTimeFormatUnit } {
  if (distance < MINUTE) return { size: SECOND, unit: 'second' };
  if (distance < 90 * MINUTE) return { size: MINUTE, unit: 'minute' };
  if (distance < 36 * HOUR) return { size: HOUR, unit: 'hour' };
  return { size: DAY, unit: 'day' };
}

/** How long what is said of these moments stays true enough, in milliseconds. */
export function nextTick(moments: readonly Timestamp[], now: Timestamp): number {
  return moments.some((moment) => moment > now && moment - now < NEAR) ? SECOND : 15 * SECOND;
}
