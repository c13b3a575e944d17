import { describe, expect, it } from 'vitest';

import { scenes, signedIn, signedOut, snapshotOf } from '../mock/scenes';
import { shownFor, type Screen, type State } from '../src/screen';

const NOW = Date.UTC(2026, 10, 24, 9, 0, 0);
const all = scenes(NOW);
const plain = { signInAgain: false, changing: null };

/** The state and the screen of each kind of scene, by how its name begins; the longest beginning counts. */
const EXPECTED: Record<string, [State, Screen['name']]> = {
  restoring: ['restoring', 'restoring'],
  unavailable: ['unavailable', 'unavailable'],
  'unavailable-corrupt-wrong': ['unavailable', 'signIn'],
  signedOut: ['signedOut', 'signIn'],
  ended: ['signedOut', 'signIn'],
  deciding: ['deciding', 'signIn'],
  newPassword: ['challenged', 'newPassword'],
  'newPassword-deciding': ['deciding', 'newPassword'],
  code: ['challenged', 'code'],
  'code-authenticator-deciding': ['deciding', 'code'],
  'code-sms-deciding': ['deciding', 'code'],
  'code-email-deciding': ['deciding', 'code'],
  'code-sms-resending': ['deciding', 'code'],
  'code-email-resending': ['deciding', 'code'],
  unsupported: ['challenged', 'unsupported'],
  signedIn: ['signedIn', 'signedIn'],
  retrying: ['signedIn', 'signedIn'],
  'development-signedOut': ['signedOut', 'signIn'],
  'development-signedIn': ['signedIn', 'signedIn'],
  'overridden-signedOut': ['signedOut', 'signIn'],
  'overridden-signedIn': ['signedIn', 'signedIn'],
  'panicked-signedOut': ['signedOut', 'signIn'],
  'panicked-signedIn': ['signedIn', 'signedIn'],
  connect: ['connect', 'connect'],
  misconfigured: ['misconfigured', 'misconfigured'],
};

describe('the screen for a snapshot', () => {
  it.each(Object.entries(all))('%s', (name, snapshot) => {
    const beginnings = Object.keys(EXPECTED).filter((beginning) => name.startsWith(beginning));
    const longest = beginnings.sort((a, b) => b.length - a.length)[0];
    const shown = shownFor(snapshot, plain);
    expect([shown.state, shown.screen.name]).toEqual(EXPECTED[longest ?? '']);
  });

  it('is restoring before there is a snapshot, and without a view', () => {
    expect(shownFor(null, plain).state).toBe('restoring');
    expect(shownFor({ ...snapshotOf(signedOut()), view: null }, plain).state).toBe('restoring');
  });

  it('is the form, and still unavailable, once somebody chose to replace a record that cannot be read', () => {
    const corrupt = { state: 'unavailable', cause: 'corrupt', asking: false } as const;
    const again = { ...plain, signInAgain: true };
    expect(shownFor(snapshotOf(corrupt), again)).toMatchObject({
      state: 'unavailable',
      screen: { name: 'signIn', replaces: true, busy: false },
    });
    expect(shownFor(snapshotOf(corrupt, { state: 'deciding', challenge: null, resending: false }), again)).toMatchObject({
      state: 'deciding',
      screen: { name: 'signIn', busy: true },
    });
    const challenge = { kind: 'newPassword', username: 'ben', missingAttributes: [] } as const;
    expect(
      shownFor(snapshotOf(corrupt, { state: 'challenged', challenge: { ...challenge, missingAttributes: [] }, fault: null, resent: 0 }), again),
    ).toMatchObject({ state: 'challenged', screen: { name: 'newPassword' } });
    const locked = { state: 'unavailable', cause: 'locked', asking: false } as const;
    expect(shownFor(snapshotOf(locked), again).screen.name).toBe('unavailable');
  });

  it('is the pool’s form once somebody chose to change it, and only while nobody signs in', () => {
    const changing = { ...plain, changing: { issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A', clientId: 'a' } };
    expect(shownFor(snapshotOf(signedOut()), changing)).toEqual({
      state: 'connect',
      screen: { name: 'connect', faults: [], present: changing.changing },
    });
    expect(shownFor(snapshotOf(signedOut(), { state: 'deciding', challenge: null, resending: false }), changing).state).toBe('deciding');
    expect(shownFor(snapshotOf(signedIn(NOW)), changing).state).toBe('signedIn');
  });

  it('stays restoring and signed in whatever an attempt does', () => {
    const deciding = { state: 'deciding', challenge: null, resending: false } as const;
    expect(shownFor(snapshotOf({ state: 'restoring' }, deciding), plain).state).toBe('restoring');
    expect(shownFor(snapshotOf(signedIn(NOW), deciding), plain).state).toBe('signedIn');
  });
});
