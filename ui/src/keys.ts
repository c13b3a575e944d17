/**
 * Whether a key belongs to a conversion of the input method. WebKit ends the composition before the key that has
 * ended it is told; what is left to know it by is the code 229 (UI Events, "keyCode during composition").
 */
export const composing = (event: KeyboardEvent): boolean => event.isComposing || event.keyCode === 229;
