import type { SecretPlace } from './bindings/SecretPlace';

/** The client secret should be in the keychain and is not at hand: whatever is asked of the pool will fail. */
export const isLacking = (place: SecretPlace): boolean => place === 'keychainUnread' || place === 'keychainMissing';
