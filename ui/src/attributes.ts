import type { FullAutoFill, HTMLInputTypeAttribute } from 'svelte/elements';

import type { Messages } from './messages';

type Standard = keyof Messages['attributes'];

interface AttributeField {
  type: HTMLInputTypeAttribute;
  autocomplete: FullAutoFill;
  inputmode: 'numeric' | null;
}

const field = (
  type: HTMLInputTypeAttribute,
  autocomplete: FullAutoFill,
  inputmode: 'numeric' | null = null,
): AttributeField => ({ type, autocomplete, inputmode });

/** How each standard attribute (OpenID Connect Core 1.0, section 5.1) is typed in. */
const FIELDS: Record<Standard, AttributeField> = {
  name: field('text', 'name'),
  given_name: field('text', 'given-name'),
  family_name: field('text', 'family-name'),
  middle_name: field('text', 'additional-name'),
  nickname: field('text', 'nickname'),
  preferred_username: field('text', 'off'),
  profile: field('url', 'url'),
  picture: field('url', 'photo'),
  website: field('url', 'url'),
  email: field('email', 'email'),
  phone_number: field('tel', 'tel'),
  gender: field('text', 'sex'),
  birthdate: field('date', 'bday'),
  zoneinfo: field('text', 'off'),
  locale: field('text', 'language'),
  address: field('text', 'off'),
  updated_at: field('text', 'off', 'numeric'),
};

/** Their names, in the order in which they are shown. */
export const STANDARD: readonly string[] = Object.keys(FIELDS);

const own = <T extends object>(table: T, key: string): T[keyof T] | undefined =>
  Object.hasOwn(table, key) ? table[key as keyof T] : undefined;

/** Whether this engine has a field of its own for dates, which says by itself how one is written. */
function knowsDates(): boolean {
  const input = document.createElement('input');
  input.type = 'date';
  return input.type === 'date';
}

export interface NamedField extends AttributeField {
  name: string;
  label: string;
  hint: string | null;
}

/** An attribute's field, in words where it is a standard one and by its own name where it is the pool's. */
export const attributeField = (name: string, m: Messages): NamedField => ({
  ...(own(FIELDS, name) ?? field('text', 'off')),
  name,
  label: own(m.attributes, name) ?? name.replace(/^(custom|dev):/u, ''),
  hint: name === 'birthdate' && knowsDates() ? null : (own(m.attributeHints, name) ?? null),
});

/** What the machine knows about the user without asking, to be kept or changed. */
export function suggestionFor(name: string, now: number, language: string): string {
  if (name === 'zoneinfo') return new Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (name === 'locale') return language;
  if (name === 'updated_at') return String(Math.floor(now / 1000));
  return '';
}

/** E.164 of the ITU: a plus and at most fifteen digits. */
const PHONE_NUMBER = /^\+[1-9]\d{6,14}$/u;
const DATE = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/u;

/**
 * An attribute as it is sent: the white space around it is left out, and what has one form only is brought into that
 * form from the widths, marks and signs that people and input methods write it with. Null where that cannot be done.
 */
export function attributeValue(name: string, typed: string): string | null {
  const trimmed = typed.trim();
  switch (name) {
    case 'phone_number': {
      const number = trimmed.normalize('NFKC').replace(/[\s().\-\u2010-\u2015\u2212\u30fc]/gu, '');
      return PHONE_NUMBER.test(number) ? number : null;
    }
    case 'birthdate': {
      const [, year, month, day] = DATE.exec(trimmed.normalize('NFKC')) ?? [];
      if (year === undefined || month === undefined || day === undefined) return null;
      const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
      const at = new Date(`${date}T00:00:00Z`);
      return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(date) ? date : null;
    }
    case 'email': {
      const address = trimmed.normalize('NFKC');
      return /^[^\s@]+@[^\s@]+$/u.test(address) ? address : null;
    }
    case 'updated_at': {
      const seconds = trimmed.normalize('NFKC');
      return /^\d+$/u.test(seconds) ? seconds : null;
    }
    default:
      return trimmed;
  }
}

/** What is wrong with an attribute as it is typed, in words; null where nothing is. */
export function attributeProblem({ name, label }: NamedField, typed: string, m: Messages): string | null {
  if (typed.trim() === '') return m.newPassword.needAttribute(label);
  if (attributeValue(name, typed) !== null) return null;
  return own(m.attributeForms, name) ?? m.newPassword.needAttribute(label);
}

/**
 * The attributes that the pool's own words are about, as in “Attributes did not conform to the schema: email: The
 * attribute is required” or “Invalid phone number format.”
 */
export function attributesIn(detail: string | null): string[] {
  if (detail === null) return [];
  const named = [...detail.matchAll(/(?:^|[\s:,])((?:custom:)?[\w-]+): (?:The )?attribute/giu)].map(([, name]) => name ?? '');
  const known = named.filter((name) => name.startsWith('custom:') || Object.hasOwn(FIELDS, name));
  if (known.length > 0) return [...new Set(known)];
  if (/phone.?number/iu.test(detail)) return ['phone_number'];
  if (/e-?mail/iu.test(detail)) return ['email'];
  if (/birth.?date/iu.test(detail)) return ['birthdate'];
  return [];
}
