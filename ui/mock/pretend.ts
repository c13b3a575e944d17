import type { Backend } from '../src/backend';
import type { AttemptView } from '../src/bindings/AttemptView';
import type { Challenge } from '../src/bindings/Challenge';
import type { CodeMethod } from '../src/bindings/CodeMethod';
import type { DeviceView } from '../src/bindings/DeviceView';
import type { Fault } from '../src/bindings/Fault';
import type { FaultCode } from '../src/bindings/FaultCode';
import type { Lapse } from '../src/bindings/Lapse';
import type { Purpose } from '../src/bindings/Purpose';
import type { Snapshot } from '../src/bindings/Snapshot';
import { accounts, pretendAccount, type Held } from './account';
import { challenged, CHALLENGES, CODES, deciding, faultOf, idle } from './attempts';
import { AUTHENTICATOR } from './authenticator';
import { ADDRESS, awaiting } from './browser';
import { CONNECTION_PROBLEMS } from './connection';
import { signedIn, signedOut, snapshotOf, unconnected } from './scenes';

type Challenged = Extract<AttemptView, { state: 'challenged' }>;

const DEMO_USERS =
  'aiko ben chiyo dmitri emma farid greta hiro ines jun kazuko lena mio noor oskar paula quinn rin sara taro uma vera wes yuki zoe';

/**
 * A backend that plays along: the password "wrong" is wrong, any other signs in after a second, and without one there
 * is a choice. The code 000000 is wrong. A link with "callback" in it is the browser's. A pool is connected, unless the client id names one of the problems.
 */
export function pretend(start: Snapshot, held: Held = accounts(Date.now()).full, refusal: FaultCode | null = null): Backend {
  let shown = start;
  const hearers = new Set<(snapshot: Snapshot) => void>();
  const setup = shown.setup.kind === 'ready' ? shown.setup : {};
  const show = (next: Snapshot): void => {
    const revision = (shown.view?.revision ?? 0) + 1;
    shown = { ...next, view: next.view && { ...next.view, revision } };
    for (const hear of hearers) hear(shown);
  };
  const session = (): NonNullable<Snapshot['view']>['session'] => shown.view?.session ?? signedOut();
  const purpose = (): Purpose => {
    const present = shown.view?.attempt;
    return present === undefined || present.state === 'idle' ? 'signIn' : present.purpose;
  };
  const attempt = (next: AttemptView): Snapshot => snapshotOf(session(), next, setup);
  const success = (device: DeviceView | null = null): Snapshot => snapshotOf(signedIn(Date.now(), { device }), idle(), setup);
  const later = (next: Snapshot): void => void setTimeout(() => show(next), 1000);
  const ask = (challenge: Challenge, given: Partial<Challenged> = {}): Snapshot =>
    attempt(
      challenged(challenge, {
        lapses: { at: Date.now() + 180_000, exact: false },
        purpose: purpose(),
        resendAt: 'method' in challenge && challenge.method !== 'authenticator' ? Date.now() + 30_000 : null,
        ...given,
      }),
    );
  const answered = (next: Snapshot, code?: string): void => {
    const present = shown.view?.attempt;
    if (present?.state !== 'challenged') return;
    show(attempt(deciding(present.challenge, { purpose: present.purpose })));
    if (present.purpose === 'provePresence' && present.challenge.kind === 'code' && code !== '000000') {
      setTimeout(() => prove(Date.now() + 300_000), 1000);
    } else later(code === '000000' ? attempt({ ...present, fault: faultOf('codeWrong') }) : next);
  };
  const prove = (presenceUntil: number | null): void => {
    if (shown.view !== null) show({ ...shown, view: { ...shown.view, attempt: idle({ done: 'presenceProved' }), presenceUntil } });
  };
  const tenMinutes = (): Lapse => ({ at: Date.now() + 600_000, exact: true });
  const codeBy = (method: CodeMethod): Challenge => CODES[method];
  return {
    listen: async (heard) => {
      hearers.add(heard);
      return () => hearers.delete(heard);
    },
    snapshot: async () => shown,
    prepare: async () => {},
    signIn: async (_, password) => {
      show(attempt(deciding()));
      if (password === null) later(ask(CHALLENGES.chooseWay));
      else later(password === 'wrong' ? attempt(idle({ fault: faultOf('wrongCredentials') })) : success());
    },
    signUp: async () => {
      show(attempt(deciding(null, { purpose: 'signUp' })));
      later(ask(CHALLENGES.confirmAccount, { lapses: null }));
    },
    forgotPassword: async () => {
      show(attempt(deciding(null, { purpose: 'forgotPassword' })));
      later(ask(CHALLENGES.resetPassword, { lapses: null }));
    },
    answerNewPassword: async () => answered(success()),
    answerCode: async (code) => answered(success({ state: 'asking' }), code),
    answerWay: async (way) => {
      if (way === 'passkey') answered(ask(awaiting(), { canGoBack: true, lapses: tenMinutes() }));
      else if (way === 'password') answered(ask(CHALLENGES.password, { canGoBack: true }));
      else answered(ask(codeBy(way === 'smsCode' ? 'sms' : 'email'), { canGoBack: true }));
    },
    answerPassword: async (password) => {
      if (password !== 'wrong') answered(ask(CHALLENGES.chooseSecondFactor));
      else answered(ask(CHALLENGES.password, { fault: faultOf('wrongCredentials') }));
    },
    answerSecondFactor: async (method) => {
      const present = shown.view?.attempt;
      const setsUp = present?.state === 'challenged' && present.challenge.kind === 'chooseSetUp';
      if (!setsUp) answered(ask(codeBy(method)));
      else answered(ask(method === 'email' ? CHALLENGES.setUpEmail : CHALLENGES.setUpAuthenticator));
    },
    answerAuthenticator: async (code) => answered(success(), code),
    answerEmail: async () => answered(ask(CODES.email)),
    answerCustom: async () => answered(ask({ kind: 'custom', parameters: { question: 'And which one last?', round: '2 of 2' } })),
    answerReset: async (code) => answered(attempt(idle({ done: 'passwordReset' })), code),
    chooseAgain: async () => answered(ask(CHALLENGES.chooseWay)),
    authenticatorSecret: async () => AUTHENTICATOR,
    rememberDevice: async (remember) => later(success({ state: remember ? 'remembered' : 'notRemembered' })),
    resendCode: async () => {
      const present = shown.view?.attempt;
      if (present?.state !== 'challenged') return;
      show(attempt(deciding(present.challenge, { resending: true, purpose: present.purpose })));
      later(ask(present.challenge, { resent: present.resent + 1 }));
    },
    signInInBrowser: async (provider) => {
      show(attempt(deciding()));
      const offered = shown.setup.kind === 'ready' ? shown.setup.browser?.providers : undefined;
      const label = offered?.find(({ key }) => key === provider)?.label ?? null;
      later(ask(awaiting({ provider: label }), { lapses: tenMinutes() }));
    },
    openBrowserAgain: async () => answered(ask(awaiting(), { lapses: tenMinutes() })),
    browserLink: async () => ADDRESS,
    pasteLink: async (link) => {
      if (!link.includes('callback')) throw { code: 'linkUnusable', detail: null } satisfies Fault;
      if (purpose() === 'provePresence') prove(Date.now() + 300_000);
      else answered(success());
    },
    setBrowserPage: async () => {},
    dismissPasskeyTold: async () => show({ ...shown, passkey: null }),
    dismissLinkNotice: async () => show({ ...shown, linkNotice: null }),
    cancel: async () => show(attempt(idle())),
    signOut: async () => show(snapshotOf(signedOut(), idle(), setup)),
    signOutEverywhere: async () => {
      show(snapshotOf(signedIn(Date.now(), { everywhere: { state: 'running' } })));
      later(snapshotOf(signedOut()));
    },
    retry: async () => later(success()),
    proceedWithoutKeychain: async () => show(snapshotOf(signedOut({ storage: 'thisRunOnly' }))),
    connect: async (pool, clientId) => {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const problem = CONNECTION_PROBLEMS[clientId];
      if (problem !== undefined) throw problem;
      show(snapshotOf(signedOut(), undefined, { issuer: pool, clientId, source: 'configFile' }));
    },
    disconnect: async () => show(unconnected()),
    unlock: async () => {},
    wake: async () => {},
    demoUsers: async () =>
      DEMO_USERS.split(' ').map((username) => ({
        username,
        password: 'Green-Tea-42',
        clientId: 'devdesktop',
        provider: null,
        note: 'must choose a new password and give a name (FORCE_CHANGE_PASSWORD)',
      })),
    chooseDemoClient: async () => {},
    picture: async () => null,
    provePresence: async () => {
      show(attempt(deciding(null, { purpose: 'provePresence' })));
      const there = shown.view?.session.state === 'signedIn' && shown.view.session.origin === 'browser';
      if (there) later(ask(awaiting(), { lapses: tenMinutes(), purpose: 'provePresence' }));
      else later(ask(CHALLENGES.password, { lapses: null, purpose: 'provePresence' }));
    },
    ...pretendAccount({
      held,
      delay: 700,
      refusal,
      proved: () => (shown.view?.presenceUntil ?? 0) > Date.now(),
      ondeleted: () => show(snapshotOf(signedOut(), idle(), setup)),
    }),
  };
}
