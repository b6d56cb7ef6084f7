/** The problems of a configuration that is refused. */
import assert from 'node:assert/strict';
import { resolveConfig } from '../../src/config.ts';
import { CptError } from '../../src/errors.ts';

export function problemsOf(input: Parameters<typeof resolveConfig>[0]): string[] {
  try {
    resolveConfig(input);
  } catch (error) {
    assert.ok(error instanceof CptError);
    assert.equal(error.code, 'CPT_CONFIG');
    return error.message
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
  }
  assert.fail('the settings were accepted');
}
