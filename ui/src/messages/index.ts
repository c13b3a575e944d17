import { getContext, setContext } from 'svelte';

import { en } from './en';
import { ja } from './ja';

/** A text stays a text, a function keeps its arguments, whatever the English words are. */
export type Shape<T> = T extends string
  ? string
  : T extends (...given: infer Given) => infer Result
    ? (...given: Given) => Shape<Result>
    : T extends readonly (infer Item)[]
      ? readonly Shape<Item>[]
      : { readonly [Key in keyof T]: Shape<T[Key]> };

/** Every word the user reads. English is the measure: another language has exactly its keys. */
export type Messages = Shape<typeof en>;

export interface Language {
  /** For `<html lang>` and for `Intl`. */
  tag: string;
  m: Messages;
}

const LANGUAGES: Record<'en' | 'ja', Messages> = { en, ja };

/**
 * The first of the system's languages that there are words for; English if there is none. The tag keeps the region,
 * so that dates and times have the form that is usual there.
 */
export function languageFor(preferred: readonly string[]): Language {
  for (const tag of preferred) {
    const language = tag.toLowerCase().split(/[-_]/)[0];
    if (language === 'en' || language === 'ja') return { tag: tag.replaceAll('_', '-'), m: LANGUAGES[language] };
  }
  return { tag: 'en', m: en };
}

const KEY = Symbol('language');

export const provideLanguage = (language: Language): Language => setContext(KEY, language);

export const useLanguage = (): Language => getContext<Language>(KEY);
