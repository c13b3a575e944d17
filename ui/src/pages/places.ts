import type { FaultCode } from '../bindings/FaultCode';

type Places = Partial<Record<FaultCode, string>>;

const CODE: Places = { codeWrong: 'code', codeExpired: 'code', codeUsed: 'code', authenticatorCodeWrong: 'code' };

/** The field of a page that has caused a fault, where one has. */
const PLACES = {
  attribute: {
    attributeRejected: 'value',
    attributeNotWritable: 'value',
    aliasTaken: 'value',
    parameterRejected: 'value',
  },
  code: CODE,
  password: {
    wrongPassword: 'current',
    wrongCredentials: 'current',
    tooManyAttempts: 'current',
    passwordRejected: 'password',
    passwordReused: 'password',
  },
} satisfies Record<string, Partial<Record<string, string>>>;

export const placeOn = (form: keyof typeof PLACES, code: FaultCode): string => (PLACES[form] as Places)[code] ?? 'form';
