import { describe, expect, it } from 'vitest';

import { signedOut, snapshotOf } from '../mock/scenes';
import type { Snapshot } from '../src/bindings/Snapshot';
import { follow } from '../src/live';

const at = (revision: number): Snapshot => {
  const made = snapshotOf(signedOut());
  return { ...made, view: made.view && { ...made.view, revision } };
};

const revisions = (shown: Snapshot[]): (number | undefined)[] => shown.map((it) => it.view?.revision);

describe('following the backend', () => {
  it('asks at once, and again when it is listening', async () => {
    const order: string[] = [];
    await follow(
      {
        listen: async () => {
          await Promise.resolve();
          order.push('listening');
          return () => {};
        },
        snapshot: async () => {
          order.push('asked');
          return at(1);
        },
      },
      () => {},
    );
    expect(order).toEqual(['asked', 'listening', 'asked']);
  });

  it('drops a snapshot that a newer event has overtaken', async () => {
    const shown: Snapshot[] = [];
    let hear: (snapshot: Snapshot) => void = () => {};
    await follow(
      {
        listen: async (heard) => {
          hear = heard;
          return () => {};
        },
        snapshot: async () => {
          hear(at(5));
          return at(4);
        },
      },
      (snapshot) => shown.push(snapshot),
    );
    hear(at(3));
    hear(at(6));
    hear(at(5));
    expect(revisions(shown)).toEqual([4, 5, 6]);
  });

  it('shows a snapshot without a view, and what comes after it, whatever its revision', async () => {
    const shown: Snapshot[] = [];
    let hear: (snapshot: Snapshot) => void = () => {};
    await follow(
      {
        listen: async (heard) => {
          hear = heard;
          return () => {};
        },
        snapshot: async () => at(9),
      },
      (snapshot) => shown.push(snapshot),
    );
    hear({ ...at(1), view: null });
    hear(at(2));
    expect(revisions(shown)).toEqual([9, undefined, 2]);
  });

  it('shows the same revision again, because what is around the view may have changed', async () => {
    const shown: boolean[] = [];
    let hear: (snapshot: Snapshot) => void = () => {};
    await follow(
      {
        listen: async (heard) => {
          hear = heard;
          return () => {};
        },
        snapshot: async () => at(1),
      },
      (snapshot) => shown.push(snapshot.panicked),
    );
    hear({ ...at(1), panicked: true });
    expect(shown).toEqual([false, true]);
  });

  it('stops listening when it cannot ask', async () => {
    let listening = true;
    const following = follow(
      {
        listen: async () => () => (listening = false),
        snapshot: () => Promise.reject(new Error('no')),
      },
      () => {},
    );
    await expect(following).rejects.toThrow();
    expect(listening).toBe(false);
  });
});
