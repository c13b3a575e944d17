/** An attribute's value in the form in which it is read; null where that is the value itself. */
export function shownValue(name: string, value: string, tag: string): string | null {
  if (name === 'birthdate' && /^\d{4}-\d{2}-\d{2}$/u.test(value)) {
    const date = new Date(`${value}T00:00:00Z`);
    if (Number.isNaN(date.getTime())) return null;
    return new Intl.DateTimeFormat(tag, { dateStyle: 'long', timeZone: 'UTC' }).format(date);
  }
  if (name === 'updated_at' && /^\d{1,12}$/u.test(value)) {
    return new Intl.DateTimeFormat(tag, { dateStyle: 'long', timeStyle: 'short' }).format(new Date(Number(value) * 1000));
  }
  if (name === 'identities') return providersIn(value);
  return null;
}

/** Who vouches for the user, of the list that Cognito keeps as JSON. */
function providersIn(identities: string): string | null {
  try {
    const all = JSON.parse(identities) as { providerName?: unknown; userId?: unknown }[];
    const named = all.map(({ providerName, userId }) => [providerName, userId].filter((it) => typeof it === 'string').join(' · '));
    return named.every((it) => it !== '') && named.length > 0 ? named.join('\n') : null;
  } catch {
    return null;
  }
}
