/**
 * The window in a plain browser, for looking at it: `npm run dev`, then `/mock/?scene=signedIn-due&lang=ja`.
 * Without a scene it lists them. `&press=create-account` presses what is called that, `&size=200` has the text in twice
 * its size; `&held=bare` is one of the accounts there are, and `&offline` keeps the pool away. The build does not know this page.
 */
import { mount } from 'svelte';

import App from '../src/App.svelte';
import '../src/app.css';
import { languageFor } from '../src/messages';
import '../src/theme.css';
import { accounts } from './account';
import { pretend } from './pretend';
import { scenes } from './scenes';

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
    props: { backend: pretend(first, heldBy(asked.get('held')), asked.has('offline') ? 'unreachable' : null), language: languageFor([asked.get('lang') ?? 'en']) },
  });
  document.documentElement.style.fontSize = `${asked.get('size') ?? '100'}%`;
  void pressAll(asked.get('press')?.split(',') ?? []);
}

function heldBy(name: string | null): ReturnType<typeof accounts>['full'] {
  const all = accounts(Date.now());
  return name !== null && Object.hasOwn(all, name) ? all[name as keyof typeof all] : all.full;
}

async function pressAll(names: string[]): Promise<void> {
  for (const name of names) {
    await new Promise((resolve) => setTimeout(resolve, Number(asked.get('wait') ?? '200')));
    document.querySelector<HTMLElement>(`[data-testid="${name}"]`)?.click();
  }
}
