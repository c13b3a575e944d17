/** Scripts whose names begin with the family name and are abbreviated by its first character. */
const EAST_ASIAN = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/** One or two letters that stand for a person where there is no picture. */
export function initials(name: string): string {
  const words = name.trim().split(/[\s.@_-]+/u).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const first = [...(words[0] ?? '')][0] ?? '';
  if (first === '' || EAST_ASIAN.test(first) || name.includes('@') || words.length === 1) return first.toUpperCase();
  return (first + ([...(words.at(-1) ?? '')][0] ?? '')).toUpperCase();
}
