// What changed between two readings of the same list.

/** The rows that read otherwise than before, by key: changed and new ones. */
export function differences<Row>(before: Row[], after: Row[], keyOf: (row: Row) => string): Set<string> {
  const known = new Map(before.map((row) => [keyOf(row), JSON.stringify(row)]));
  const found = new Set<string>();
  for (const row of after) {
    const key = keyOf(row);
    if (known.get(key) !== JSON.stringify(row)) found.add(key);
    known.delete(key);
  }
  return found;
}
