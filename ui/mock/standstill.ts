/** What is due within this happens at once, in milliseconds. */
const SOON = 1000;

/**
 * Stops the clock: it is `now` from here on, and what waits for a second at most waits no more, so that a screen is the
 * same however fast the machine is. Gives what resolves when nothing of that kind is left.
 */
export function standStill(now: number): () => Promise<void> {
  Date.now = () => now;
  const pending = new Set<number>();
  const { setTimeout: wait, clearTimeout: forget } = window;
  const hurried = (work: TimerHandler, delay = 0, ...given: unknown[]): number => {
    if (delay > SOON || typeof work !== 'function') return wait(work, delay, ...given);
    const id = wait(() => {
      pending.delete(id);
      work(...given);
    });
    pending.add(id);
    return id;
  };
  window.setTimeout = hurried as typeof window.setTimeout;
  window.clearTimeout = (id) => {
    if (typeof id === 'number') pending.delete(id);
    forget(id);
  };
  const frame = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve));
  return async () => {
    do {
      // Effects run, and what they have changed is laid out.
      await frame();
      await frame();
    } while (pending.size > 0);
  };
}
