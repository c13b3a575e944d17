/**
 * Every screen, in the real window: `npm run build:gallery` makes one script of this, which the tests of the window
 * run in its page. The window's own content security policy, styles and web view stay; what was shown makes room.
 */
import axe from 'axe-core';
import { mount, tick, unmount } from 'svelte';

import App from '../src/App.svelte';
import { languageFor } from '../src/messages';
import { cutOff } from './fit';
import { pictures } from './pictures';
import { standStill } from './standstill';
import { told } from './told';

/** What is said of times is the same in every picture. */
const NOW = Date.UTC(2026, 3, 14, 9, 41);

/** What a test of the window asks for. */
export interface Gallery {
  /** All of them; `wide` are those that have a sidebar where there is room. */
  screens: readonly { name: string; wide: boolean }[];
  /** Takes styles of the window that it loads only with a screen, by their addresses. */
  wear(styles: readonly string[]): Promise<void>;
  /** Shows one of them; resolves when whatever happens within a second has happened. */
  show(name: string, tag: string): Promise<void>;
  /** What is wrong with what is shown, each with its element. */
  findings(): Promise<string[]>;
}

declare global {
  interface Window {
    __gallery?: Gallery;
  }
}

const settled = standStill(NOW);
const all = pictures(NOW);
let mounted: ReturnType<typeof mount> | null = null;

async function takeDown(): Promise<void> {
  if (mounted !== null) await unmount(mounted);
  mounted = null;
  document.body.replaceChildren();
  scrollTo(0, 0);
}

/** Presses what is called by the step; `name=text` types. */
async function take(step: string): Promise<void> {
  const [name = '', text] = step.split('=');
  const element = document.querySelector<HTMLElement>(`[data-testid="${name}"]`);
  if (element === null) throw new Error(`nothing here is called ${name}`);
  if (text === undefined) {
    element.click();
  } else {
    (element as HTMLInputElement).value = text;
    element.dispatchEvent(new InputEvent('input', { bubbles: true }));
  }
  await settled();
}

/** Components get their classes from their source: a class without a style is of another source. */
function unstyled(): string | undefined {
  const sheets = [...document.styleSheets].flatMap(({ cssRules }) => [...cssRules]);
  const styles = sheets.map(({ cssText }) => cssText).join('\n');
  const classes = new Set([...document.querySelectorAll('[class]')].flatMap(({ classList }) => [...classList]));
  return [...classes].find((it) => it.startsWith('svelte-') && !styles.includes(`.${it}`));
}

async function accessibility(): Promise<string[]> {
  const { violations } = await axe.run(document, { resultTypes: ['violations'], elementRef: true });
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.map(({ element, failureSummary }) => {
      const [, ...why] = (failureSummary ?? '').split('\n');
      return `${told(element ?? document.documentElement)}: ${id} (${impact}), ${why.map((it) => it.trim()).join(' ')}`;
    }),
  );
}

window.__gallery = {
  screens: Object.entries(all).map(([name, { scene }]) => ({ name, wide: scene.view?.session.state === 'signedIn' })),
  async wear(styles) {
    const links = styles.map((href) => Object.assign(document.createElement('link'), { rel: 'stylesheet', href }));
    const worn = links.map((link) => new Promise((resolve, reject) => Object.assign(link, { onload: resolve, onerror: () => reject(new Error(link.href)) })));
    document.head.append(...links);
    await Promise.all(worn);
  },
  async show(name, tag) {
    const picture = all[name];
    if (picture === undefined) throw new Error(`there is no screen ${name}`);
    await takeDown();
    mounted = mount(App, { target: document.body, props: { backend: picture.backend(), language: languageFor([tag]) } });
    await tick();
    await settled();
    for (const step of picture.steps) await take(step);
    const strange = unstyled();
    if (strange !== undefined) {
      throw new Error(`the window has no style for ${strange}: it and the gallery are not of the same build`);
    }
  },
  findings: async () => [...cutOff(), ...(await accessibility())],
};

// A bar that comes and goes with scrolling would be in some pictures and not in others; it takes no room.
document.documentElement.style.scrollbarWidth = 'none';
void takeDown();
