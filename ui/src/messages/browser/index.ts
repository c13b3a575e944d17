import { useLanguage, type Shape } from '../index';
import { en } from './en';
import { ja } from './ja';

/** The words around a sign-in through the browser. They come when one is offered: the start does without them. */
export type BrowserWords = Shape<typeof en>;

/** By the language's tag. */
export const browserWords = (tag: string): BrowserWords => (tag.toLowerCase().startsWith('ja') ? ja : en);

export const useBrowserWords = (): BrowserWords => browserWords(useLanguage().tag);
