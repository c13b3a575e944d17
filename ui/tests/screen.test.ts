import { describe, expect, it } from 'vitest';

import { challenged, deciding, faultOf, idle } from '../mock/attempts';
import { scenes, signedIn, signedOut, snapshotOf } from '../mock/scenes';
import { AT_FIRST, shownFor, type Screen, type State } from '../src/screen';

const NOW = Date.UTC(2026, 10, 24, 9, 0, 0);
const all = scenes(NOW);

/** The state and the screen of each kind of scene, by how its name begins; the longest beginning counts. */
const EXPECTED: Record<string, [State, Screen['name']]> = {
  restoring: ['restoring', 'restoring'],
  unavailable: ['unavailable', 'unavailable'],
  'unavailable-corrupt-wrong': ['unavailable', 'signIn'],
  signedOut: ['signedOut', 'signIn'],
  ended: ['signedOut', 'signIn'],
  deciding: ['deciding', 'signIn'],
  'signUp-deciding': ['deciding', 'signUp'],
  'forgotPassword-deciding': ['deciding', 'forgotPassword'],
  newPassword: ['challenged', 'newPassword'],
  browser: ['challenged', 'browser'],
  'signedOut-providers-deciding': ['deciding', 'signIn'],
  code: ['challenged', 'code'],
  chooseWay: ['challenged', 'chooseWay'],
  password: ['challenged', 'password'],
  chooseSecondFactor: ['challenged', 'chooseSecondFactor'],
  chooseSetUp: ['challenged', 'chooseSetUp'],
  setUpAuthenticator: ['challenged', 'setUpAuthenticator'],
  setUpEmail: ['challenged', 'setUpEmail'],
  custom: ['challenged', 'custom'],
  confirmAccount: ['challenged', 'confirmAccount'],
  resetPassword: ['challenged', 'resetPassword'],
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

/** Whoever is signed in proves to be there. */
const isProof = (name: string): boolean => name.startsWith('stepUp-');

describe('the screen for a snapshot', () => {
  it.each(Object.entries(all).filter(([name]) => !isProof(name)))('%s', (name, snapshot) => {
    const beginnings = Object.keys(EXPECTED).filter((beginning) => name.startsWith(beginning));
    const longest = beginnings.sort((a, b) => b.length - a.length)[0];
    const shown = shownFor(snapshot, AT_FIRST);
    const [state, screen] = EXPECTED[longest ?? ''] ?? [];
    // A challenge that the pool is thinking about is on the screen as before.
    const thinking = state === 'challenged' && /-(deciding|deciding-again|resending)$/u.test(name);
    expect([shown.state, shown.screen.name]).toEqual([thinking ? 'deciding' : state, screen]);
  });

  it('is restoring before there is a snapshot, and without a view', () => {
    expect(shownFor(null, AT_FIRST).state).toBe('restoring');
    expect(shownFor({ ...snapshotOf(signedOut()), view: null }, AT_FIRST).state).toBe('restoring');
  });

  it('is the form, and still unavailable, once somebody chose to replace a record that cannot be read', () => {
    const corrupt = { state: 'unavailable', cause: 'corrupt', asking: false } as const;
    const again = { ...AT_FIRST, signInAgain: true };
    expect(shownFor(snapshotOf(corrupt), again)).toMatchObject({
      state: 'unavailable',
      screen: { name: 'signIn', replaces: true, busy: false },
    });
    expect(shownFor(snapshotOf(corrupt, deciding()), again)).toMatchObject({
      state: 'deciding',
      screen: { name: 'signIn', busy: true },
    });
    const challenge = { kind: 'newPassword', username: 'ben', missingAttributes: [] } as const;
    expect(
      shownFor(snapshotOf(corrupt, challenged({ ...challenge, missingAttributes: [] })), again),
    ).toMatchObject({ state: 'challenged', screen: { name: 'newPassword' } });
    const locked = { state: 'unavailable', cause: 'locked', asking: false } as const;
    expect(shownFor(snapshotOf(locked), again).screen.name).toBe('unavailable');
  });

  it('is the pool’s form once somebody chose to change it, and only while nobody signs in', () => {
    const changing = { ...AT_FIRST, changing: { issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A', clientId: 'a' } };
    expect(shownFor(snapshotOf(signedOut()), changing)).toEqual({
      state: 'connect',
      screen: { name: 'connect', faults: [], present: changing.changing },
    });
    expect(shownFor(snapshotOf(signedOut(), deciding()), changing).state).toBe('deciding');
    expect(shownFor(snapshotOf(signedIn(NOW)), changing).state).toBe('signedIn');
  });

  it('stays restoring and signed in whatever an attempt does', () => {
    const thinking = deciding();
    expect(shownFor(snapshotOf({ state: 'restoring' }, thinking), AT_FIRST).state).toBe('restoring');
    expect(shownFor(snapshotOf(signedIn(NOW), thinking), AT_FIRST)).toMatchObject({ state: 'signedIn', screen: { name: 'signedIn' } });
  });

  it.each(Object.entries(all).filter(([name]) => isProof(name)))('%s is in place of the page, and signed in underneath', (_, snapshot) => {
    const attempt = snapshot.view?.attempt;
    if (attempt === undefined || attempt.state === 'idle') throw new Error('nothing is asked');
    expect(shownFor(snapshot, AT_FIRST)).toMatchObject({
      state: 'signedIn',
      screen: { name: attempt.challenge?.kind ?? 'provePresence' },
    });
  });

  it('is the page again once a proof has come to its end, however', () => {
    for (const attempt of [idle(), idle({ fault: faultOf('unreachable') }), idle({ done: 'presenceProved' })]) {
      expect(shownFor(snapshotOf(signedIn(NOW), attempt), AT_FIRST).screen.name).toBe('signedIn');
    }
  });

  it('knows of no proof where nobody is signed in', () => {
    const begun = deciding(null, { purpose: 'provePresence' });
    expect(shownFor(snapshotOf(signedOut(), begun), AT_FIRST).screen).toMatchObject({ name: 'signIn', busy: true });
    expect(shownFor(snapshotOf(signedOut(), idle({ done: 'presenceProved' })), AT_FIRST).screen).toMatchObject({ name: 'signIn', done: null });
  });
});
