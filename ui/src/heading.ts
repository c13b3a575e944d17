import { tick } from 'svelte';

/** Moves the focus to the page's heading where what had it is gone and nothing has come in its place. */
export async function toHeading(): Promise<void> {
  await tick();
  if (document.activeElement !== document.body) return;
  document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
}
