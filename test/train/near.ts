/** Numbers against reference numbers. */
import assert from 'node:assert/strict';

/** Within 1e-4 of the largest value of the tensor. */
export function assertNear(what: string, actual: ArrayLike<number>, expected: readonly number[]): void {
  assert.equal(actual.length, expected.length, what);
  const largest = Math.max(...expected.map(Math.abs));
  for (const [at, value] of expected.entries()) {
    assert.ok(Math.abs(actual[at]! - value) <= 1e-4 * largest, `${what}[${at}]: ${actual[at]}, not ${value}`);
  }
}
