import { get, settle } from './window';

/** A key while a conversion of the input method is open, or as WebKit tells it just after; whether it was let through. */
export async function convert(testid: string | null, key: string, how: 'open' | 'webkit' = 'open'): Promise<boolean> {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, isComposing: how === 'open' });
  if (how === 'webkit') Object.defineProperty(event, 'keyCode', { value: 229 });
  const target = testid === null ? (document.activeElement ?? document.body) : get(testid);
  const through = target.dispatchEvent(event);
  await settle();
  return through;
}
