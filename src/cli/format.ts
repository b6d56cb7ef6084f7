/** Numbers as a person reads them, the same on every machine whatever its locale. */

/** `1234567` as `1,234,567`; rounded. */
export function count(value: number): string {
  if (!Number.isFinite(value)) return '?';
  const rounded = Math.round(value);
  return `${rounded < 0 ? '-' : ''}${String(Math.abs(rounded)).replace(/\B(?=(\d{3})+$)/g, ',')}`;
}

/** `1 passage`, `2 passages`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${Math.round(value) === 1 ? '' : 's'}`;
}

/** Bytes in powers of 1000: `950 B`, `1.2 kB`, `15 MB`. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let scaled = value;
  let unit = 0;
  while (scaled >= 999.5 && unit < units.length - 1) {
    scaled /= 1000;
    unit += 1;
  }
  return `${unit > 0 && scaled < 9.95 ? scaled.toFixed(1) : Math.round(scaled)} ${units[unit]}`;
}

/** Seconds: `0.4 s`, `42 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A loss in nats. */
export function nats(loss: number): string {
  return Number.isFinite(loss) ? loss.toFixed(3) : '?';
}

/** A share from 0 to 1. */
export function percent(share: number): string {
  return Number.isFinite(share) ? `${Math.round(100 * share)} %` : '?';
}

/** e to the loss, with about three digits. */
export function perplexity(loss: number): string {
  const value = Math.exp(loss);
  if (!Number.isFinite(value)) return '?';
  return value < 99.95 ? value.toFixed(1) : count(value);
}
