const KEY = 'detail-rows';
const MOST = 40;

/** How many rows there were the last time, so that what stands below them is where it will be. Only their number is kept. */
export function rowsBefore(): number {
  try {
    const rows = Number(localStorage.getItem(KEY) ?? '3');
    return Number.isInteger(rows) && rows >= 0 && rows <= MOST ? rows : 3;
  } catch {
    return 3;
  }
}

export function keepRows(rows: number): void {
  try {
    localStorage.setItem(KEY, String(rows));
  } catch {
    // The page jumps a little at the next start.
  }
}
