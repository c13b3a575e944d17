/** An element in words that lead a developer to it. */
export function told(element: Element): string {
  const named = element.closest<HTMLElement>('[data-testid]');
  const id = named === null ? '' : named === element ? `[data-testid=${named.dataset['testid']}]` : ` in [data-testid=${named.dataset['testid']}]`;
  const text = (element.textContent ?? '').trim().replace(/\s+/gu, ' ');
  const kind = element.localName + [...element.classList].filter((it) => !it.startsWith('svelte-')).map((it) => `.${it}`).join('');
  return `${kind}${id}${text === '' ? '' : ` “${text.length > 40 ? `${text.slice(0, 40)}…` : text}”`}`;
}
