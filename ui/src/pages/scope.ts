import type { Loaded } from './loaded.svelte';

/**
 * Whether the session's token lacks the scope for the account. What the pool says of it goes first; `covered` is what
 * the settings let expect.
 */
export function lacksScope(covered: boolean, of: readonly Loaded<unknown>[]): boolean {
  if (of.some(({ value }) => value !== undefined)) return false;
  return !covered || of.some(({ fault }) => fault?.code === 'scopeMissing');
}
