// The order of a list as the address and the server write it.

/** Sort keys as the server reads them: `-due,devices`. */
export function parseSort(sort: string | undefined): { name: string; down: boolean }[] {
  return (sort ?? "")
    .split(",")
    .filter(Boolean)
    .map((it) => (it.startsWith("-") ? { name: it.slice(1), down: true } : { name: it, down: false }));
}

/** What a press on a head makes of the order: up, down, off; with Shift as a second key. */
export function nextSort(sort: string | undefined, name: string, second: boolean): string | undefined {
  const all = parseSort(sort);
  const had = all.find((it) => it.name === name);
  const others = second ? all.filter((it) => it.name !== name) : [];
  const next = !had ? [{ name, down: false }] : !had.down ? [{ name, down: true }] : [];
  const text = [...others, ...next].map((it) => (it.down ? `-${it.name}` : it.name)).join(",");
  return text || undefined;
}
