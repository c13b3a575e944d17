import type { Backend } from './backend';
import type { Snapshot } from './bindings/Snapshot';

/** Whether `next` is to be shown after `shown`: a snapshot may be overtaken by a newer one on its way. */
export function supersedes(next: Snapshot, shown: Snapshot | null): boolean {
  if (shown === null || shown.view === null || next.view === null) return true;
  return next.view.revision >= shown.view.revision;
}

/**
 * Follows the backend: asks at once, so that there is something to show while the way for events is being made, and
 * once more when it is there, so that no change falls between the two.
 * `show` gets each snapshot that says something new and is not older than the one before. Resolves to what ends it.
 */
export async function follow(
  backend: Pick<Backend, 'listen' | 'snapshot'>,
  show: (snapshot: Snapshot) => void,
): Promise<() => void> {
  let shown: Snapshot | null = null;
  let told = '';
  const take = (next: Snapshot): void => {
    const text = JSON.stringify(next);
    if (text === told || !supersedes(next, shown)) return;
    shown = next;
    told = text;
    show(next);
  };
  // Whatever keeps the first answer away keeps the second one away as well, and that one is told.
  void backend.snapshot().then(take, () => {});
  const stop = await backend.listen(take);
  try {
    take(await backend.snapshot());
  } catch (error) {
    stop();
    throw error;
  }
  return stop;
}
