/** JSON in one spelling: sorted keys, two spaces, a newline at the end. */

/**
 * Equal values give equal text. Keys whose value is undefined are left out.
 * @throws RangeError for what JSON cannot hold, such as numbers that are not finite
 */
export function canonicalJson(value: unknown): string {
  return `${JSON.stringify(sorted(value), null, 2)}\n`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([key, entry]) => [key, sorted(entry)]));
  }
  const plain = typeof value === 'string' || typeof value === 'boolean' || value === null;
  if (!plain && !(typeof value === 'number' && Number.isFinite(value))) {
    throw new RangeError(`${String(value)} cannot be written as JSON.`);
  }
  return value;
}
