/**
 * A Kafka cluster's id: 16 bytes in URL-safe base64, without padding. The first bit is cleared, so that it never
 * starts with `-`: Kafka's own tool would take that for an option.
 * @param bytes 16 random bytes
 */
export function clusterId(bytes: Uint8Array): string {
  const [first = 0, ...rest] = bytes;
  return Buffer.from([first & 0x7f, ...rest]).toString('base64url');
}
