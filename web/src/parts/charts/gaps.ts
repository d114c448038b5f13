// Days without a value: a gap breaks the line and is hatched.

export interface Gap {
  from: number;
  to: number;
}

/** Runs of days without a value. */
export function gaps(points: { value: number | null }[]): Gap[] {
  const found: Gap[] = [];
  points.forEach(({ value }, index) => {
    if (value !== null) return;
    const last = found.at(-1);
    if (last && last.to === index - 1) last.to = index;
    else found.push({ from: index, to: index });
  });
  return found;
}
