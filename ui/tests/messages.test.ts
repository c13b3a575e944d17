import { describe, expect, it } from 'vitest';

import { languageFor } from '../src/messages';
import { en as browserEn } from '../src/messages/browser/en';
import { ja as browserJa } from '../src/messages/browser/ja';
import { en } from '../src/messages/en';
import { ja } from '../src/messages/ja';
import { en as pagesEn } from '../src/messages/pages/en';
import { ja as pagesJa } from '../src/messages/pages/ja';

type Texts = Record<string, string>;

/** Every text by its path. Functions are called with arguments that show themselves. */
function texts(value: unknown, path: string, into: Texts = {}): Texts {
  if (typeof value === 'string') into[path] = value;
  else if (typeof value === 'function') {
    const given = new Proxy({}, { get: (_, key) => (key === Symbol.toPrimitive ? () => '〈x〉' : '〈x〉') });
    const call = value as (...given: unknown[]) => unknown;
    texts(call(given, '〈y〉'), `${path}()`, into);
    // Words that depend on which setting is missing.
    if (path.endsWith('problems.missing')) texts(call(given, 'COGNITO_CLIENT_ID'), `${path}(id)`, into);
  } else if (Array.isArray(value)) value.forEach((item, index) => texts(item, `${path}.${index}`, into));
  else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) texts(item, `${path}.${key}`, into);
  }
  return into;
}

const english = { ...texts(en, 'm'), ...texts(pagesEn, 'pages'), ...texts(browserEn, 'browser') };
const japanese = { ...texts(ja, 'm'), ...texts(pagesJa, 'pages'), ...texts(browserJa, 'browser') };

/** Names and technical terms that are written the same in Japanese. */
const SAME =
  /[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|cognito-desktop(?::\/\/sign-in\/callback)?|127\.0\.0\.1:19274\/callback|auth\.example\.com|openid(?: email)?|Google, Corporate|domain|scopes|identityProviders|reauthenticates|redirectUris|prompt|resource|name または identifier と label|none、login、consent、select_account|API|Cookie|cognito-idp\.|amazonaws\.com|tauri\.conf\.json|plugins\.cognito|Secret Service|gnome-keyring|KWallet|KeePassXC|Linux|Amazon|AWS|Cognito|JSON|PEM|BEGIN CERTIFICATE|https?|URL|SMS|ID|QR|authFlow|authSessionValidity|signUpAttributes|email, name|otpauth|aiko@example\.com|example\.com(?:\/me(?:\.png)?)?|Ctrl\+C|issuer|clientId|clientSecret|endpoint|passwordPolicy|refreshTokenValidity|minimumLength|require(?:Lowercase|Uppercase|Numbers|Symbols)|true|false|days|hours|minutes|aws\.cognito\.signin\.user\.admin|localhost|Asia\/Tokyo|ja-JP|en\b/gu;

describe('the words', () => {
  it('are complete in Japanese, and none is empty', () => {
    expect(Object.keys(japanese)).toEqual(Object.keys(english));
    for (const [path, words] of Object.entries({ ...english, ...japanese })) expect(words.trim(), path).not.toBe('');
  });

  it('leave no English in Japanese', () => {
    for (const [path, words] of Object.entries(japanese)) {
      const rest = words.replace(SAME, '').replaceAll(/〈[xy]〉/gu, '');
      expect(rest.match(/[A-Za-z]{2,}/u), `${path}: ${words}`).toBeNull();
    }
  });

  it('are Japanese wherever a sentence stands', () => {
    for (const [path, words] of Object.entries(english)) {
      if (!/\p{L}{2,} \p{L}{2,}/u.test(words)) continue;
      expect(japanese[path], path).toMatch(/[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u);
    }
  });

  it('pass on what they are given, in both languages', () => {
    for (const [path, words] of Object.entries(english)) {
      const count = (of: string | undefined): boolean => of?.includes('〈x〉') ?? false;
      expect(count(japanese[path]), path).toBe(count(words));
    }
  });

  it('differ for each fault', () => {
    for (const language of [en, ja]) {
      const whats = Object.values(language.faults).map(({ what }) => what);
      expect(new Set(whats).size).toBe(whats.length);
    }
  });
});

describe('the language', () => {
  it.each([
    [['ja-JP', 'en'], 'ja-JP', ja],
    [['de-DE', 'ja'], 'ja', ja],
    [['en_GB'], 'en-GB', en],
    [['de', 'fr'], 'en', en],
    [[], 'en', en],
  ])('for %j is %s', (preferred, tag, words) => {
    const language = languageFor(preferred);
    expect(language.tag).toBe(tag);
    expect(language.m).toBe(words);
  });
});
