import type { FullAutoFill, HTMLInputTypeAttribute } from 'svelte/elements';

import type { Messages } from './messages';

interface AttributeField {
  type: HTMLInputTypeAttribute;
  autocomplete: FullAutoFill;
}

/** How each standard attribute (OpenID Connect Core 1.0, section 5.1) is typed in. */
const FIELDS: Record<keyof Messages['attributes'], AttributeField> = {
  name: { type: 'text', autocomplete: 'name' },
  given_name: { type: 'text', autocomplete: 'given-name' },
  family_name: { type: 'text', autocomplete: 'family-name' },
  middle_name: { type: 'text', autocomplete: 'additional-name' },
  nickname: { type: 'text', autocomplete: 'nickname' },
  preferred_username: { type: 'text', autocomplete: 'off' },
  profile: { type: 'url', autocomplete: 'url' },
  picture: { type: 'url', autocomplete: 'photo' },
  website: { type: 'url', autocomplete: 'url' },
  email: { type: 'email', autocomplete: 'email' },
  phone_number: { type: 'tel', autocomplete: 'tel' },
  gender: { type: 'text', autocomplete: 'sex' },
  birthdate: { type: 'date', autocomplete: 'bday' },
  zoneinfo: { type: 'text', autocomplete: 'off' },
  locale: { type: 'text', autocomplete: 'language' },
  address: { type: 'text', autocomplete: 'street-address' },
};

const own = <T extends object>(table: T, key: string): T[keyof T] | undefined =>
  Object.hasOwn(table, key) ? table[key as keyof T] : undefined;

/** An attribute's field, in words where it is a standard one and by its own name where it is the pool's. */
export function attributeField(name: string, m: Messages): AttributeField & { label: string; hint: string | null } {
  const field = own(FIELDS, name) ?? { type: 'text', autocomplete: 'off' };
  return {
    ...field,
    label: own(m.attributes, name) ?? name.replace(/^(custom|dev):/u, ''),
    hint: own(m.attributeHints, name) ?? null,
  };
}
