import { expect, test } from 'vitest';

import { withTable } from './written-table.ts';

test('a table is replaced between its marks, as often as one likes', () => {
  const document = 'before\n<!-- table a -->\nold\n<!-- end a -->\nafter\n';
  const once = withTable(document, 'a', '| x |\n');
  expect(once).toBe('before\n<!-- table a -->\n\n| x |\n\n<!-- end a -->\nafter\n');
  expect(withTable(once, 'a', '| x |')).toBe(once);
});

test('a document without the marks is refused, by name', () => {
  expect(() => withTable('text', 'a', '| x |')).toThrow('lacks <!-- table a -->');
});
