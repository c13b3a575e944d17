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
} satisfies Record<string, Places>;

export const placeOn = (form: keyof typeof PLACES, code: FaultCode): string => {
  const places: Places = PLACES[form];
  return places[code] ?? 'form';
};
