import type { Challenge } from '../src/bindings/Challenge';
import type { EndCause } from '../src/bindings/EndCause';
import type { FaultCode } from '../src/bindings/FaultCode';
import type { PoolTold } from '../src/bindings/PoolTold';
import type { Receipt } from '../src/bindings/Receipt';
import type { SessionView } from '../src/bindings/SessionView';
import type { Snapshot } from '../src/bindings/Snapshot';
import { challenged, CHALLENGES, CODES, deciding, faultOf, idle } from './attempts';
import { signedIn, signedOut, snapshotOf } from './scenes';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const DETAIL = 'The words of the pool itself.';

/** The receipt of a sign-out after some hours; whatever is not given went well. */
export const receiptOf = (now: number, given: Partial<Receipt> = {}): Receipt => ({
  account: 'Aiko Tanaka',
  everywhere: false,
  pool: { state: 'revoked' },
  keychainCleared: true,
  since: now - 190 * MINUTE,
  accessTokenUntil: now + 48 * MINUTE,
  browser: null,
  providers: [],
  ...given,
});

type SignedOut = Extract<SessionView, { state: 'signedOut' }>;

/** Signed out by the user, with this receipt. */
export const leftWith = (now: number, receipt: Partial<Receipt> = {}, given: Partial<SignedOut> = {}): SignedOut => {
  const cause: EndCause = { kind: 'byUser', receipt: receiptOf(now, receipt) };
  return signedOut({ ended: { at: now - 1_000, cause }, ...given });
};

const POOLS: { [State in PoolTold['state']]: Extract<PoolTold, { state: State }> } = {
  telling: { state: 'telling' },
  revoked: { state: 'revoked' },
  waiting: { state: 'waiting', code: 'unreachable', kept: true },
  failed: { state: 'failed', code: 'clientUnknown' },
};

/** Every way in which a session is left, with what it leaves over. */
export function leaving(now: number): Record<string, Snapshot> {
  const made: Record<string, Snapshot> = {};
  const validity = { refreshTokenValidityS: (30 * DAY) / 1000 };
  for (const pool of Object.values(POOLS)) {
    for (const keychainCleared of [true, false]) {
      const name = `signedOut-byUser-${pool.state}-${keychainCleared ? 'cleared' : 'kept'}`;
      made[name] = snapshotOf(leftWith(now, { pool, keychainCleared }));
      made[`${name}-until`] = snapshotOf(leftWith(now, { pool, keychainCleared }), idle(), validity);
    }
  }
  const waiting = (code: FaultCode, kept: boolean): PoolTold => ({ state: 'waiting', code, kept });
  made['signedOut-byUser-waiting-unkept'] = snapshotOf(leftWith(now, { pool: waiting('unreachable', false) }), idle(), validity);
  made['signedOut-byUser-waiting-notThePool'] = snapshotOf(leftWith(now, { pool: waiting('notThePool', true) }), idle(), validity);
  made['signedOut-byUser-everywhere'] = snapshotOf(leftWith(now, { everywhere: true }));
  made['signedOut-byUser-later'] = snapshotOf(
    leftWith(now, { pool: POOLS.waiting, since: now - 40 * DAY, accessTokenUntil: now - MINUTE }),
    idle(),
    validity,
  );
  made['signedOut-byUser-longName'] = snapshotOf(
    leftWith(now, { account: 'kazuko.yamada.with.a.rather.long.address@subsidiary.example.co.jp', pool: POOLS.waiting }),
  );
  made['signedOut-byUser-earlier'] = snapshotOf(leftWith(now, {}, { unfinished: { count: 2, code: 'unreachable' } }));
  for (const keychainCleared of [true, false]) {
    const cause: EndCause = { kind: 'accountDeleted', account: 'aiko', keychainCleared };
    made[`signedOut-deleted-${keychainCleared ? 'cleared' : 'kept'}`] = snapshotOf(signedOut({ ended: { at: now - 1_000, cause } }));
  }
  for (const count of [1, 3]) {
    made[`signedOut-unfinished-${count}`] = snapshotOf(signedOut({ login: 'aiko', unfinished: { count, code: 'unreachable' } }));
  }
  made['signedOut-unfinished-underWay'] = snapshotOf(signedOut({ unfinished: { count: 1, code: null } }));
  for (const purpose of ['signUp', 'forgotPassword'] as const) {
    for (const clientSecret of ['keychainUnread', 'keychainMissing'] as const) {
      made[`${purpose}-deciding-${clientSecret}`] = snapshotOf(signedOut(), deciding(null, { purpose }), { source: 'configFile', clientSecret });
    }
  }
  return made;
}

const QUESTIONS: Record<string, Challenge> = {
  ...CHALLENGES,
  ...Object.fromEntries(Object.entries(CODES).map(([name, challenge]) => [`code-${name}`, challenge])),
  newPassword: { kind: 'newPassword', username: 'aiko', missingAttributes: ['name'] },
  unsupported: { kind: 'unsupported', name: 'SOMETHING_NEW' },
  passkey: { kind: 'unsupported', name: 'WEB_AUTHN' },
};

/** Whoever is signed in proves to be there. */
export function proving(now: number): Record<string, Snapshot> {
  const made: Record<string, Snapshot> = {};
  const purpose = 'provePresence';
  const of = (attempt: Parameters<typeof snapshotOf>[1]): Snapshot => snapshotOf(signedIn(now), attempt);
  made['stepUp-begun'] = of(deciding(null, { purpose }));
  for (const [name, challenge] of Object.entries(QUESTIONS)) {
    const resendAt = 'method' in challenge && challenge.method !== 'authenticator' ? now + 25_000 : null;
    const lapses = challenge.kind === 'password' ? null : { at: now + 170_000, exact: false };
    made[`stepUp-${name}`] = of(challenged(challenge, { purpose, lapses, resendAt }));
    made[`stepUp-${name}-deciding`] = of(deciding(challenge, { purpose }));
  }
  for (const code of ['wrongCredentials', 'tooManyAttempts', 'challengeExpired', 'unreachable'] as const) {
    made[`stepUp-password-${code}`] = of(challenged(CHALLENGES.password, { purpose, fault: faultOf(code, DETAIL) }));
  }
  for (const code of ['wrongCredentials', 'challengeExpired', 'customAnswerWrong', 'unreachable', 'signInRefused', 'passwordResetRequired', 'userNotConfirmed'] as const) {
    made[`signedIn-unproved-${code}`] = of(idle({ fault: faultOf(code, DETAIL) }));
  }
  const proved = of(idle({ done: 'presenceProved' }));
  made['signedIn-proved'] = { ...proved, view: proved.view && { ...proved.view, presenceUntil: now + 5 * MINUTE } };
  return made;
}
