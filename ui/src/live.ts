import type { Backend } from './backend';
import type { Snapshot } from './bindings/Snapshot';

/** Whether `next` is to be shown after `shown`: a snapshot may be overtaken by a newer one on its way. */
export function supersedes(next: Snapshot, shown: Snapshot | null): boolean {
  if (shown === null || shown.view === null || next.view === null) return true;
  return next.view.revision >= shown.view.revision;
}

/**
 * Follows the backend: listens first and asks afterwards, so that no change falls between the two.
 * `show` gets each snapshot that is not older than the one before. Resolves to what ends it.
 */
export async function follow(
  backend: Pick<Backend, 'listen' | 'snapshot'>,
  show: (snapshot: Snapshot) => void,
): Promise<() => void> {
  let shown: Snapshot | null = null;
  const take = (next: Snapshot): void => {
    if (!supersedes(next, shown)) return;
    shown = next;
    show(next);
  };
  const stop = await backend.listen(take);
  try {
    take(await backend.snapshot());
  } catch (error) {
    stop();
    throw error;
  }
  return stop;
}
