import { describe, expect, it } from 'vitest';

import { languageFor } from '../src/messages';
import { nextTick, times, type Times } from '../src/time';

const NOW = new Date(2026, 10, 24, 9, 0, 0).getTime();
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const of = (tag: string): Times => times(tag, languageFor([tag]).m.time);

describe('times', () => {
  it.each([
    [5 * SECOND, 'just now', 'たった今'],
    [-5 * SECOND, 'just now', 'たった今'],
    [59 * SECOND, 'just now', 'たった今'],
    [MINUTE, '1 min ago', '1分前'],
    [12 * MINUTE + 59 * SECOND, '12 min ago', '12分前'],
    [89 * MINUTE, '89 min ago', '89分前'],
    [3 * HOUR + 50 * MINUTE, '3 hr ago', '3時間前'],
    [50 * HOUR, '2 days ago', '2日前'],
  ])('that are %i ms past', (past, english, japanese) => {
    expect(of('en').ago(NOW - past, NOW)).toBe(english);
    expect(of('ja').ago(NOW - past, NOW)).toBe(japanese);
  });

  it.each([
    [-5 * SECOND, 'in a few seconds', '数秒後'],
    [20 * SECOND, 'in 20 sec', '20秒後'],
    [41 * MINUTE, 'in 41 min', '41分後'],
    [5 * HOUR, 'in 5 hr', '5時間後'],
    [48 * HOUR, 'in 2 days', '2日後'],
  ])('that are %i ms ahead', (ahead, english, japanese) => {
    expect(of('en').until(NOW + ahead, NOW)).toBe(english);
    expect(of('ja').until(NOW + ahead, NOW)).toBe(japanese);
  });

  it('have the date with them on another day only, and the year in another year only', () => {
    const english = of('en-GB');
    expect(english.short(NOW - HOUR, NOW)).toBe('8:00');
    expect(english.short(NOW - 24 * HOUR, NOW)).toMatch(/23 Nov/u);
    expect(english.short(NOW - 24 * HOUR, NOW)).not.toMatch(/2026/u);
    expect(english.short(NOW - 400 * 24 * HOUR, NOW)).toMatch(/2025/u);
    expect(of('ja').exact(NOW)).toMatch(/2026年11月24日/u);
  });

  it('are looked at again every second while something is near', () => {
    expect(nextTick([NOW + 20 * SECOND], NOW)).toBe(SECOND);
    expect(nextTick([NOW + HOUR], NOW)).toBe(15 * SECOND);
    expect(nextTick([NOW - SECOND], NOW)).toBe(15 * SECOND);
  });
});
