// Two letters for a person or a group.

export function initials(name: string): string {
  const names = name.replace(/^(Dr|Prof)\.?\s+/, "").split(/\s+/);
  return ((names[0]?.[0] ?? "") + (names.length > 1 ? (names.at(-1)?.[0] ?? "") : "")).toUpperCase();
}
