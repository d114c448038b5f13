// Light or dark: the device decides until the person does.

export type Look = "light" | "dark" | "auto";
const KEY = "exposome.look";

export function look(): Look {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === "light" || kept === "dark" ? kept : "auto";
  } catch {
    return "auto";
  }
}

export function setLook(next: Look): void {
  try {
    if (next === "auto") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, next);
  } catch {
    // Without storage it holds until the page is left.
  }
  show(next);
}

const dark = window.matchMedia("(prefers-color-scheme: dark)");

function show(next: Look): void {
  const scheme = next === "auto" ? (dark.matches ? "dark" : "light") : next;
  document.documentElement.setAttribute("data-mantine-color-scheme", scheme);
}

/** Called before anything is drawn. */
export function startLook(): void {
  show(look());
  dark.addEventListener("change", () => show(look()));
}
