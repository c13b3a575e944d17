/**
 * Scrolls no further than needed to have this in sight. Twice: where the page has just become longer, WebKit takes back
 * what goes beyond its old end, until it has drawn it.
 */
export function bringIntoView(element: HTMLElement): void {
  const scroll = (): void => element.scrollIntoView({ block: 'nearest' });
  scroll();
  requestAnimationFrame(() => requestAnimationFrame(scroll));
}
