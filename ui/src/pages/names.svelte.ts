const KEY = 'device-names';

/** The user's own names for devices, by the pool's keys. They are kept by this computer alone. */
export class DeviceNames {
  #names: Record<string, string> = $state.raw(read());

  of(key: string): string | null {
    return Object.hasOwn(this.#names, key) ? (this.#names[key] ?? null) : null;
  }

  /** Without a name, the pool's is shown again. False where it cannot be kept. */
  set(key: string, name: string): boolean {
    const { [key]: _, ...others } = this.#names;
    const next = name === '' ? others : { ...others, [key]: name };
    try {
      localStorage.setItem(KEY, JSON.stringify(next));
    } catch {
      return false;
    }
    this.#names = next;
    return true;
  }
}

function read(): Record<string, string> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    if (typeof kept !== 'object' || kept === null) return {};
    return Object.fromEntries(Object.entries(kept).filter(([, name]) => typeof name === 'string')) as Record<string, string>;
  } catch {
    return {};
  }
}
