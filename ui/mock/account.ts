import type { Backend } from '../src/backend';
import type { Account } from '../src/bindings/Account';
import type { AccountDevice } from '../src/bindings/AccountDevice';
import type { AccountProblem } from '../src/bindings/AccountProblem';
import type { CodeMethod } from '../src/bindings/CodeMethod';
import type { CodeSent } from '../src/bindings/CodeSent';
import type { FaultCode } from '../src/bindings/FaultCode';
import type { Passkey } from '../src/bindings/Passkey';
import type { UserSession } from '../src/bindings/UserSession';
import { AUTHENTICATOR } from './authenticator';

const DAY = 24 * 3600_000;

/** What a pool could hold of somebody. */
export interface Held {
  account: Account;
  devices: AccountDevice[] | null;
  passkeys: Passkey[] | null;
  sessions: UserSession[] | null;
}

/** The commands that the account's pages give. */
export type AccountCommands = Pick<
  Backend,
  | 'account'
  | 'changeAttributes'
  | 'deleteAttributes'
  | 'sendAttributeCode'
  | 'verifyAttribute'
  | 'changePassword'
  | 'beginAuthenticator'
  | 'confirmAuthenticator'
  | 'enableSecondFactor'
  | 'disableSecondFactor'
  | 'preferSecondFactor'
  | 'devices'
  | 'forgetDevice'
  | 'passkeys'
  | 'deletePasskey'
  | 'addPasskey'
  | 'sessions'
  | 'revokeSession'
  | 'deleteAccount'
>;

export const refused = (code: FaultCode, detail: string | null = null): AccountProblem => ({ kind: 'fault', fault: { code, detail } });

const attribute = (name: string, value: string, verified: boolean | null = null): Account['attributes'][number] => ({ name, value, verified });

const device = (given: Partial<AccountDevice>): AccountDevice => ({
  key: 'eu-west-1_0b6f3d52',
  name: null,
  lastIp: null,
  createdAt: null,
  lastUsedAt: null,
  this: false,
  remembered: null,
  ...given,
});

/** Accounts by what is remarkable about them. */
export function accounts(now: number): Record<'full' | 'bare' | 'passwordless' | 'unverified' | 'federated', Held> {
  const full: Held = {
    account: {
      attributes: [
        attribute('sub', '5e1f0c0a-9b1d-4c55-8a3e-6f2d7c1b9a01'),
        attribute('name', 'Aiko Tanaka'),
        attribute('email', 'aiko@example.com', true),
        attribute('phone_number', '+81312345678', true),
        attribute('birthdate', '1990-04-23'),
        attribute('locale', 'ja-JP'),
        attribute('zoneinfo', 'Asia/Tokyo'),
        attribute('updated_at', '1790000000'),
        attribute('custom:department', 'Tea'),
      ],
      secondFactors: ['authenticator', 'sms'],
      preferred: 'authenticator',
      ways: ['password', 'emailCode', 'passkey'],
    },
    devices: [
      device({ key: 'here', name: 'aiko-laptop', this: true, remembered: true, lastIp: '203.0.113.7', createdAt: now - 90 * DAY, lastUsedAt: now - 60_000 }),
      device({ key: 'phone', name: 'Pixel 9', remembered: true, lastIp: '203.0.113.9', createdAt: now - 40 * DAY, lastUsedAt: now - 3 * DAY }),
      device({ key: 'old', lastIp: '2001:db8:85a3:8d3:1319:8a2e:370:7348', createdAt: now - 400 * DAY }),
    ],
    passkeys: [
      { id: 'pk1', name: 'iCloud Keychain', relyingParty: 'auth.example.com', createdAt: now - 30 * DAY },
      { id: 'pk2', name: null, relyingParty: 'auth.example.com', createdAt: null },
    ],
    sessions: [
      { id: 'tkn1', kind: 'token', clientId: '1example23456789', createdAt: now - 190 * 60_000, lastActiveAt: now - 720_000, device: 'Linux', ip: '203.0.113.7', location: 'Tokyo, Japan', current: true },
      { id: 'sso1', kind: 'browser', clientId: null, createdAt: now - 2 * DAY, lastActiveAt: now - DAY, device: 'Firefox on Windows', ip: '198.51.100.23', location: 'Osaka, Japan', current: false },
      { id: 'tkn2', kind: 'token', clientId: '7example87654321', createdAt: now - 9 * DAY, lastActiveAt: null, device: null, ip: null, location: null, current: false },
    ],
  };
  const of = (given: Partial<Account>, rest: Partial<Held> = {}): Held => ({ ...full, account: { ...full.account, ...given }, ...rest });
  return {
    full,
    bare: of(
      { attributes: [attribute('sub', full.account.attributes[0]?.value ?? '')], secondFactors: [], preferred: null, ways: null },
      { devices: null, passkeys: null, sessions: null },
    ),
    passwordless: of({ ways: ['emailCode'], secondFactors: [], preferred: null }, { devices: [], passkeys: [], sessions: full.sessions?.slice(0, 1) ?? [] }),
    unverified: of({
      attributes: full.account.attributes.map((it) => (it.verified === null ? it : { ...it, verified: false })),
      secondFactors: ['authenticator'],
    }),
    federated: of({
      attributes: [
        ...full.account.attributes,
        attribute('identities', '[{"userId":"1029384756","providerName":"Google","providerType":"Google","issuer":null,"primary":true,"dateCreated":1790000000}]'),
      ],
      secondFactors: ['authenticator', 'sms', 'email'],
      preferred: null,
    }),
  };
}

interface Given {
  held: Held;
  /** How long the pool takes, in milliseconds. */
  delay?: number;
  /** What every command is refused with. */
  refusal?: FaultCode | null;
  proved?: () => boolean;
  ondeleted?: () => void;
}

/**
 * A pool that plays along. The code 000000 is wrong, and so is the current password "wrong"; a middle name cannot be
 * written. A new e-mail address or phone number is kept aside until its code is entered.
 */
export function pretendAccount({ held: start, delay = 0, refusal = null, proved = () => true, ondeleted = () => {} }: Given): AccountCommands {
  const held = structuredClone(start);
  const aside: Record<string, string> = {};
  const answer = async <Value>(make: () => Value): Promise<Value> => {
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
    if (refusal !== null) throw refused(refusal, 'The words of the pool itself.');
    return make();
  };
  const { account } = held;
  const set = (name: string, value: string, verified: boolean | null): void => {
    account.attributes = [...account.attributes.filter((it) => it.name !== name), attribute(name, value, verified)];
  };
  const codeFor = (name: string): CodeSent =>
    name === 'email'
      ? { attribute: name, destination: 'a***@e***', method: 'email' }
      : { attribute: name, destination: '+*******1234', method: 'sms' };
  const check = (code: string): void => {
    if (code === '000000') throw refused('codeWrong');
  };
  const turnOn = (method: CodeMethod): void => {
    account.secondFactors = [...account.secondFactors, method];
    account.preferred ??= method;
  };
  return {
    account: () => answer(() => structuredClone(account)),
    changeAttributes: (values) =>
      answer(() => {
        const sent: CodeSent[] = [];
        for (const [name, value] of Object.entries(values)) {
          if (name === 'middle_name') throw refused('attributeNotWritable', 'A client attempted to write unauthorized attribute');
          if (name !== 'email' && name !== 'phone_number') set(name, value, null);
          else {
            aside[name] = value;
            sent.push(codeFor(name));
          }
        }
        return sent;
      }),
    deleteAttributes: (names) =>
      answer(() => {
        account.attributes = account.attributes.filter(({ name }) => !names.includes(name));
      }),
    sendAttributeCode: (name) => answer(() => codeFor(name)),
    verifyAttribute: (name, code) =>
      answer(() => {
        check(code);
        set(name, aside[name] ?? account.attributes.find((it) => it.name === name)?.value ?? '', true);
      }),
    changePassword: (previous) =>
      answer(() => {
        if (previous === 'wrong') throw refused('wrongPassword');
        account.ways &&= [...new Set([...account.ways, 'password' as const])];
      }),
    beginAuthenticator: () => answer(() => AUTHENTICATOR),
    confirmAuthenticator: (code) =>
      answer(() => {
        if (code === '000000') throw refused('authenticatorCodeWrong');
        if (!account.secondFactors.includes('authenticator')) turnOn('authenticator');
      }),
    enableSecondFactor: (method) => answer(() => turnOn(method)),
    disableSecondFactor: (method) =>
      answer(() => {
        if (!proved()) throw { kind: 'presenceNeeded' } satisfies AccountProblem;
        account.secondFactors = account.secondFactors.filter((it) => it !== method);
        if (account.preferred === method) account.preferred = account.secondFactors[0] ?? null;
      }),
    preferSecondFactor: (method) =>
      answer(() => {
        account.preferred = method;
      }),
    devices: () => answer(() => structuredClone(held.devices)),
    forgetDevice: (key) =>
      answer(() => {
        held.devices = held.devices?.filter((it) => it.key !== key) ?? null;
      }),
    passkeys: () => answer(() => structuredClone(held.passkeys)),
    deletePasskey: (id) =>
      answer(() => {
        held.passkeys = held.passkeys?.filter((it) => it.id !== id) ?? null;
      }),
    addPasskey: () => answer(() => {}),
    sessions: () => answer(() => structuredClone(held.sessions)),
    revokeSession: (id) =>
      answer(() => {
        held.sessions = held.sessions?.filter((it) => it.id !== id) ?? null;
      }),
    deleteAccount: () =>
      answer(() => {
        if (!proved()) throw { kind: 'presenceNeeded' } satisfies AccountProblem;
        ondeleted();
      }),
  };
}
