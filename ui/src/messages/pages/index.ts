import { useLanguage, type Shape } from '../index';
import { en } from './en';
import { ja } from './ja';

/** The words of what a signed-in person can change. They come with its pages: the start does without them. */
export type PageWords = Shape<typeof en>;

export const usePageWords = (): PageWords => (useLanguage().tag.toLowerCase().startsWith('ja') ? ja : en);
