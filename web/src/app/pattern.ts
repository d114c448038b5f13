// Patterns of addresses.

/** The parts of a path that fit a pattern such as `/assets/$asset`; null where it does not. */
export function fit(pattern: string, path: string): Record<string, string> | null {
  const want = pattern.split("/");
  const is = path.replace(/(.)\/$/, "$1").split("/");
  if (want.length !== is.length) return null;
  const found: Record<string, string> = {};
  for (const [place, part] of want.entries()) {
    const given = is[place] ?? "";
    if (part.startsWith("$")) {
      try {
        found[part.slice(1)] = decodeURIComponent(given);
      } catch {
        return null;
      }
    } else if (part !== given) return null;
  }
  return found;
}
