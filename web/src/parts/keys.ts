// The keys.  Single letters act only while focus is in the page's list or panel,
// never in a field, and a person can switch them off (WCAG 2.1.4).

import { useEffect, useId, useRef, useSyncExternalStore } from "react";

export interface Binding {
  /** `j`, `X` for Shift X, `Enter`, `ctrl+k`, `g t` for one after the other. */
  key: string;
  words: string;
  run: (event: KeyboardEvent) => void;
  /** Works wherever focus is, but in a field. */
  everywhere?: boolean;
  /** Shown in the list's footer. */
  foot?: boolean;
}

interface Layer {
  id: string;
  bindings: Binding[];
}

let layers: Layer[] = [];
let singleKeys = true;
let prefix: { key: string; until: number } | null = null;
const listeners = new Set<() => void>();

export function setSingleKeys(on: boolean): void {
  singleKeys = on;
}
export function singleKeysOn(): boolean {
  return singleKeys;
}

function changed(): void {
  for (const listener of listeners) listener();
}

/** The keys of a page or a part, for as long as it is shown.  The last to come is asked first. */
export function useKeys(bindings: Binding[], on = true): void {
  const id = useId();
  const latest = useRef(bindings);
  latest.current = bindings;
  const shape = bindings.map((it) => `${it.key}:${it.words}`).join("|");
  useEffect(() => {
    if (!on) return;
    const live = shape.length
      ? latest.current.map((it, place) => ({ ...it, run: (event: KeyboardEvent) => latest.current[place]?.run(event) }))
      : [];
    layers = [...layers, { id, bindings: live }];
    changed();
    return () => {
      layers = layers.filter((layer) => layer.id !== id);
      changed();
    };
  }, [id, on, shape]);
}

/** All keys that act now, nearest first, one a key. */
export function useAllKeys(): Binding[] {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => layers,
  );
  const seen = new Set<string>();
  return [...shown]
    .reverse()
    .flatMap((layer) => layer.bindings)
    .filter((it) => !seen.has(it.key) && seen.add(it.key));
}

/** What a key press is called here. */
export function nameOf(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">): string {
  const control = event.ctrlKey || event.metaKey ? "ctrl+" : "";
  const alt = event.altKey ? "alt+" : "";
  return `${control}${alt}${control ? event.key.toLowerCase() : event.key}`;
}

/** Is somebody writing there? */
export function isField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.tagName === "TEXTAREA" || target.tagName === "SELECT") return true;
  const kind = (target as HTMLInputElement).type;
  return target.tagName === "INPUT" && kind !== "checkbox" && kind !== "radio" && kind !== "button";
}

/** The binding for a key, or that it may begin a sequence. */
export function find(name: string, before: string | null, all: Binding[]): Binding | "begins" | null {
  if (before) {
    const both = all.find((it) => it.key === `${before} ${name.toLowerCase()}`);
    if (both) return both;
  }
  const one = all.find((it) => it.key === name);
  if (one) return one;
  return all.some((it) => it.key.startsWith(`${name} `)) ? "begins" : null;
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const name = nameOf(event);
  const bindings = [...layers].reverse().flatMap((layer) => layer.bindings);
  const field = isField(event.target);
  if (field && name !== "Escape" && !name.startsWith("ctrl+")) return;
  // A dialog or menu keeps its own keys.
  const floating = event.target instanceof Element && event.target.closest('dialog,[role="dialog"],[role="menu"],[role="listbox"]');
  if (floating) return;
  const single = name.length === 1;
  if (single && !singleKeys && name !== "?") return;
  const before = prefix && prefix.until > event.timeStamp ? prefix.key : null;
  prefix = null;
  const hit = find(name, before, bindings);
  if (hit === null) return;
  if (hit === "begins") {
    prefix = { key: name, until: event.timeStamp + 1200 };
    return;
  }
  const inPage = event.target instanceof Element && event.target.closest("[data-keys]") !== null;
  if (single && !hit.everywhere && !inPage) return;
  // Enter and Space belong to the button or link that has focus.
  if (name === "Enter" && event.target instanceof Element && event.target.closest("button,a[href],summary")) return;
  event.preventDefault();
  hit.run(event);
}

/** Called once, when the pages start. */
export function listen(): void {
  document.addEventListener("keydown", onKey);
}
