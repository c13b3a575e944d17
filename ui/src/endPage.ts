import type { BrowserPage } from './bindings/BrowserPage';
import { browserWords } from './messages/browser';

/** The words of the page that the browser ends on, in the language that goes by this tag. */
export function endPage(tag: string): BrowserPage {
  return { language: tag.split('-')[0] ?? tag, title: document.title, ...browserWords(tag).page };
}
