/**
 * The window in a plain browser, for looking at it: `npm run dev`, then `/mock/?scene=signedIn-due&lang=ja`.
 * Without a scene it lists them. The build does not know this page.
 */
import { mount } from 'svelte';

import App from '../src/App.svelte';
import '../src/app.css';
import type { Backend } from '../src/backend';
import type { Snapshot } from '../src/bindings/Snapshot';
import { languageFor } from '../src/messages';
import '../src/theme.css';
import { CONNECTION_PROBLEMS } from './connection';
import { scenes, signedIn, signedOut, snapshotOf, unconnected } from './scenes';

const asked = new URLSearchParams(location.search);
const all = scenes(Date.now());
const first = all[asked.get('scene') ?? ''];

if (first === undefined) {
  for (const name of Object.keys(all)) {
    for (const lang of ['en', 'ja']) {
      const link = document.createElement('a');
      link.href = `?scene=${name}&lang=${lang}`;
      link.textContent = `${name} (${lang})`;
      document.body.append(link, document.createElement('br'));
    }
  }
} else {
  mount(App, {
    target: document.body,
    props: { backend: pretend(first), language: languageFor([asked.get('lang') ?? 'en']) },
  });
}

/**
 * A backend that plays along: the password "wrong" is wrong, any other signs in after a second. A pool is connected,
 * unless the client id names one of the problems.
 */
function pretend(start: Snapshot): Backend {
  let shown = start;
  const hearers = new Set<(snapshot: Snapshot) => void>();
  const show = (next: Snapshot): void => {
    const revision = (shown.view?.revision ?? 0) + 1;
    shown = { ...next, view: next.view && { ...next.view, revision } };
    for (const hear of hearers) hear(shown);
  };
  const later = (next: Snapshot): void => void setTimeout(() => show(next), 1000);
  const session = (): NonNullable<Snapshot['view']>['session'] => shown.view?.session ?? signedOut();
  return {
    listen: async (heard) => {
      hearers.add(heard);
      return () => hearers.delete(heard);
    },
    snapshot: async () => shown,
    prepare: async () => {},
    signIn: async (_, password) => {
      show(snapshotOf(session(), { state: 'deciding', challenge: null, resending: false }));
      later(
        password === 'wrong'
          ? snapshotOf(session(), { state: 'idle', fault: { code: 'wrongCredentials', detail: null } })
          : snapshotOf(signedIn(Date.now())),
      );
    },
    answerNewPassword: async () => later(snapshotOf(signedIn(Date.now()))),
    answerCode: async (code) => {
      const attempt = shown.view?.attempt;
      if (attempt?.state !== 'challenged') return;
      const { challenge, resent } = attempt;
      show(snapshotOf(session(), { state: 'deciding', challenge, resending: false }));
      later(
        code === '000000'
          ? snapshotOf(session(), { state: 'challenged', challenge, fault: { code: 'codeWrong', detail: null }, resent })
          : snapshotOf(signedIn(Date.now())),
      );
    },
    resendCode: async () => {
      const attempt = shown.view?.attempt;
      if (attempt?.state !== 'challenged') return;
      const { challenge, resent } = attempt;
      show(snapshotOf(session(), { state: 'deciding', challenge, resending: true }));
      later(snapshotOf(session(), { state: 'challenged', challenge, fault: null, resent: resent + 1 }));
    },
    cancel: async () => show(snapshotOf(session())),
    signOut: async () => show(snapshotOf(signedOut())),
    signOutEverywhere: async () => {
      show(snapshotOf(signedIn(Date.now(), { everywhere: { state: 'running' } })));
      later(snapshotOf(signedOut()));
    },
    retry: async () => later(snapshotOf(signedIn(Date.now()))),
    proceedWithoutKeychain: async () => show(snapshotOf(signedOut({ storage: 'thisRunOnly' }))),
    connect: async (pool, clientId) => {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const problem = CONNECTION_PROBLEMS[clientId];
      if (problem !== undefined) throw problem;
      show(snapshotOf(signedOut(), undefined, { issuer: pool, clientId, source: 'configFile' }));
    },
    disconnect: async () => show(unconnected()),
    wake: async () => {},
    demoUsers: async () =>
      ['aiko', 'ben', 'chiyo', 'dmitri', 'emma', 'farid', 'greta', 'hiro', 'ines', 'jun', 'kazuko'].map((username) => ({
        username,
        password: 'Green-Tea-42',
        note: 'must choose a new password and give a name (FORCE_CHANGE_PASSWORD)',
      })),
    picture: async () => null,
  };
}
