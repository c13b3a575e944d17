import type { BrowserOffer } from '../src/bindings/BrowserOffer';
import type { BrowserTold } from '../src/bindings/BrowserTold';
import type { BrowserWay } from '../src/bindings/BrowserWay';
import type { Challenge } from '../src/bindings/Challenge';
import type { Snapshot } from '../src/bindings/Snapshot';
import { challenged, CHALLENGES, deciding, faultOf, idle } from './attempts';
import { leftWith } from './leaving';
import { signedIn, signedOut, snapshotOf } from './scenes';

const MINUTE = 60_000;
const DETAIL = 'The words of the pool itself.';

/** Where the browser is to be opened; it belongs to nobody. */
export const ADDRESS =
  'https://auth.example.com/oauth2/authorize?response_type=code&client_id=1example23456789&redirect_uri=cognito-desktop%3A%2F%2Fsign-in%2Fcallback&scope=openid+email+profile&state=5f1d&code_challenge=E9Melhoa&code_challenge_method=S256';

export const OFFER: BrowserOffer = { providers: [], coversAccount: true };

export const PROVIDERS: BrowserOffer = {
  ...OFFER,
  providers: [
    { key: 'Google', label: 'Google' },
    { key: 'Corporate', label: 'Example Corporation' },
  ],
};

type Waiting = Extract<Challenge, { kind: 'browser' }>;

/** The window waits for the browser. */
export const awaiting = (given: Partial<Waiting> = {}): Waiting => ({ kind: 'browser', way: 'link', provider: null, opened: true, ...given });

const WAYS: BrowserWay[] = ['link', 'loopback', 'paste'];

/** Everything about a sign-in through the browser. */
export function browsing(now: number): Record<string, Snapshot> {
  const made: Record<string, Snapshot> = {};
  const setup = { browser: PROVIDERS };
  const lapses = { at: now + 9 * MINUTE + 45_000, exact: true };
  const of = (attempt: Parameters<typeof snapshotOf>[1]): Snapshot => snapshotOf(signedOut(), attempt, setup);

  made['signedOut-browser'] = snapshotOf(signedOut(), idle(), { browser: OFFER });
  made['signedOut-providers'] = of(idle());
  made['signedOut-providers-USER_AUTH'] = snapshotOf(signedOut(), idle(), { ...setup, authFlow: 'USER_AUTH', source: 'configFile' });
  made['signedOut-providers-deciding'] = of(deciding());
  for (const code of ['browserDeclined', 'managedLoginMissing', 'tokensNotGenuine'] as const) {
    made[`signedOut-providers-${code}`] = of(idle({ fault: faultOf(code, DETAIL) }));
  }

  for (const way of WAYS) {
    made[`browser-${way}`] = of(challenged(awaiting({ way }), { lapses }));
    made[`browser-${way}-unopened`] = of(challenged(awaiting({ way, opened: false }), { lapses }));
  }
  made['browser-provider'] = of(challenged(awaiting({ provider: 'Example Corporation' }), { lapses }));
  made['browser-deciding-again'] = of(deciding(awaiting(), { resending: true }));
  made['browser-deciding'] = of(deciding(awaiting()));
  made['browser-passkey'] = of(challenged(awaiting(), { lapses, canGoBack: true }));
  made['browser-over'] = of(challenged(awaiting(), { lapses: { at: now - 1, exact: true } }));
  for (const code of ['browserNotOpened', 'unreachable'] as const) {
    made[`browser-${code}`] = of(challenged(awaiting(), { lapses, fault: faultOf(code, DETAIL) }));
  }
  made['chooseWay-browser'] = snapshotOf(signedOut(), challenged(CHALLENGES.chooseWay), setup);
  made['unsupported-WEB_AUTHN-browser'] = of(challenged({ kind: 'unsupported', name: 'WEB_AUTHN' }));

  const inside = signedIn(now, { origin: 'browser' });
  const purpose = 'provePresence';
  for (const way of WAYS) made[`stepUp-browser-${way}`] = snapshotOf(inside, challenged(awaiting({ way }), { purpose, lapses }), setup);
  made['stepUp-browser-unopened'] = snapshotOf(inside, challenged(awaiting({ opened: false }), { purpose, lapses }), setup);
  made['stepUp-browser-deciding'] = snapshotOf(inside, deciding(awaiting(), { purpose }), setup);
  made['stepUp-chooseWay-one'] = snapshotOf(signedIn(now), challenged({ kind: 'chooseWay', ways: ['emailCode'] }, { purpose }));
  for (const code of ['presenceStale', 'providerMayNotAsk', 'somebodyElse', 'browserDeclined', 'browserCodeRefused', 'tokensNotGenuine'] as const) {
    made[`signedIn-unproved-${code}`] = snapshotOf(inside, idle({ fault: faultOf(code, DETAIL) }), setup);
  }

  made['signedIn-browser'] = snapshotOf(inside, idle(), setup);
  for (const code of ['linkUnusable', 'linkNotAwaited'] as const) {
    const linkNotice = { code };
    made[`signedOut-link-${code}`] = snapshotOf(signedOut(), idle(), setup, { linkNotice });
    made[`signedIn-link-${code}`] = snapshotOf(signedIn(now), idle(), setup, { linkNotice });
  }
  made['browser-link-notice'] = snapshotOf(signedOut(), challenged(awaiting(), { lapses }), setup, { linkNotice: { code: 'linkUnusable' } });

  const told: BrowserTold[] = [{ state: 'telling' }, { state: 'ended' }, { state: 'failed', code: 'browserSilent' }];
  for (const browser of told) made[`signedOut-byUser-browser-${browser.state}`] = snapshotOf(leftWith(now, { browser }), idle(), setup);
  made['signedOut-byUser-browser-vouched'] = snapshotOf(leftWith(now, { browser: { state: 'ended' }, providers: ['Google'] }), idle(), setup);
  made['signedOut-byUser-browser-nothing'] = snapshotOf(
    leftWith(now, { pool: { state: 'failed', code: 'clientUnknown' }, browser: { state: 'failed', code: 'browserNotOpened' } }),
    idle(),
    setup,
  );
  return made;
}
