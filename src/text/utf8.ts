/** Where bytes stop being UTF-8. */

/** One sentence about the first fault in bytes that are known not to be UTF-8. */
export function utf8Fault(bytes: Uint8Array): string {
  // A prefix that is read as the beginning of a stream is refused exactly when it holds the fault, so the
  // shortest such prefix is found by halving.
  let whole = 0; // the longest prefix known to be good
  let broken = bytes.length + 1; // the shortest known to be broken, if any
  while (broken - whole > 1) {
    const middle = (whole + broken) >>> 1;
    if (begins(bytes.subarray(0, middle))) whole = middle;
    else broken = middle;
  }
  if (whole === bytes.length) return 'the bytes end in the middle of a character';
  return `byte ${whole} (0x${bytes[whole]!.toString(16).padStart(2, '0')}) cannot stand there`;
}

function begins(prefix: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(prefix, { stream: true });
    return true;
  } catch {
    return false;
  }
}
