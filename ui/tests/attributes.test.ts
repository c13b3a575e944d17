import { describe, expect, it } from 'vitest';

import { ATTRIBUTES } from '../mock/attempts';
import { attributeField, attributeProblem, attributesIn, attributeValue, suggestionFor } from '../src/attributes';
import { promptOf } from '../src/custom';
import { asksAtSignIn, worksWithoutPassword } from '../src/flow';
import { en } from '../src/messages/en';
import { ja } from '../src/messages/ja';

describe('an attribute', () => {
  it.each([
    ['phone_number', ' +81 3-1234-5678 ', '+81312345678'],
    ['phone_number', '＋８１（３）１２３４ー５６７８', '+81312345678'],
    ['phone_number', '03-1234-5678', null],
    ['phone_number', '+81 3 1234 567x', null],
    ['birthdate', '1990-04-23', '1990-04-23'],
    ['birthdate', '１９９０年４月３日', '1990-04-03'],
    ['birthdate', '1990/4/23', '1990-04-23'],
    ['birthdate', '1990-02-30', null],
    ['birthdate', '23.4.1990', null],
    ['email', ' ａｉｋｏ＠example.com ', 'aiko@example.com'],
    ['email', 'aiko', null],
    ['email', 'aiko @example.com', null],
    ['updated_at', '１７６４', '1764'],
    ['updated_at', 'now', null],
    ['name', ' 山田 和子 ', '山田 和子'],
    ['custom:department', ' Tea ', 'Tea'],
  ])('%s typed as %j is sent as %j', (name, typed, sent) => expect(attributeValue(name, typed)).toBe(sent));

  it.each(ATTRIBUTES)('%s has a name, and says what is wrong with it in both languages', (name) => {
    const own = name.startsWith('custom:');
    for (const m of [en, ja]) {
      const field = attributeField(name, m);
      expect(field.label).not.toBe(own ? name : '');
      expect(attributeProblem(field, '  ', m)).not.toBeNull();
    }
    expect(attributeField(name, en).label === attributeField(name, ja).label).toBe(own);
  });

  it.each([
    ['email', 'email', 'email'],
    ['phone_number', 'tel', 'tel'],
    ['birthdate', 'date', 'bday'],
    ['website', 'url', 'url'],
    ['given_name', 'text', 'given-name'],
    ['custom:department', 'text', 'off'],
  ])('%s is typed into %s', (name, type, autocomplete) => {
    expect(attributeField(name, en)).toMatchObject({ type, autocomplete });
  });

  it('that the machine knows is suggested, and nothing else', () => {
    expect(suggestionFor('updated_at', 1_764_000_000_999, 'ja-JP')).toBe('1764000000');
    expect(suggestionFor('locale', 0, 'ja-JP')).toBe('ja-JP');
    expect(suggestionFor('zoneinfo', 0, 'ja-JP')).not.toBe('');
    expect(suggestionFor('name', 0, 'ja-JP')).toBe('');
  });

  it.each([
    ['Attributes did not conform to the schema: email: The attribute is required', ['email']],
    [
      'Attributes did not conform to the schema: email: The attribute is required, given_name: The attribute is required',
      ['email', 'given_name'],
    ],
    ['Attributes did not conform to the schema: custom:department: The attribute is required', ['custom:department']],
    ['Invalid phone number format.', ['phone_number']],
    ['Invalid email address format.', ['email']],
    ['An account with the given email already exists.', ['email']],
    ['Username cannot be of email format, since user pool is configured for email alias.', ['email']],
    ['reason: The attribute of time', []],
    ['Something else.', []],
    [null, []],
  ])('in %j is %j', (detail, names) => expect(attributesIn(detail)).toEqual(names));
});

describe('the prompt of a challenge of the owner’s own', () => {
  it.each([
    [{}, null, []],
    [{ captcha: 'abc' }, 'abc', []],
    [{ Question: 'Why?', round: '1' }, 'Why?', [['round', '1']]],
    [{ hint: 'h', prompt: 'p' }, 'p', [['hint', 'h']]],
    [{ a: '1', b: '2' }, null, [['a', '1'], ['b', '2']]],
    [{ a: ' ', b: '2' }, '2', []],
  ])('in %j is %j', (parameters, prompt, rest) =>
    expect(promptOf(parameters as Record<string, string>)).toEqual({ prompt, rest }));
});

describe('what the sign-in form asks for', () => {
  it.each([
    [null, true, true, true],
    ['USER_SRP_AUTH', true, false, false],
    ['USER_PASSWORD_AUTH', true, false, false],
    ['CUSTOM_AUTH_WITH_SRP', true, false, false],
    ['USER_AUTH', false, true, true],
    ['CUSTOM_AUTH', false, false, false],
  ] as const)('with the flow %s', (flow, password, otherwise, without) => {
    expect(asksAtSignIn(flow)).toEqual({ password, otherwise });
    expect(worksWithoutPassword(flow)).toBe(without);
  });
});
