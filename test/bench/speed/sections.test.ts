import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withSection } from '../../../bench/speed/sections.ts';

const HEADINGS = ['One', 'Two', 'Three'];

test('a section is added in its place, renewed alone, and unknown ones go', () => {
  const first = withSection('', '# Title', HEADINGS, 'Three', 'c\n');
  assert.equal(first, '# Title\n\n## Three\n\nc\n');
  const second = withSection(first, '# Title', HEADINGS, 'One', 'a');
  assert.equal(second, '# Title\n\n## One\n\na\n\n## Three\n\nc\n');
  const third = withSection(`${second}\n## Old\n\nz\n`, '# New', HEADINGS, 'Three', 'c\n\n### Sub\n\nd');
  assert.equal(third, '# New\n\n## One\n\na\n\n## Three\n\nc\n\n### Sub\n\nd\n');
  assert.equal(withSection(third, '# New', HEADINGS, 'One', 'a'), third);
});
