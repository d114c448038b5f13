// Where the person is: path and search of the address, and the way to another.
// A small store over the browser's own history; the address is the only state.

import { useMemo, useSyncExternalStore } from "react";
import { fit } from "./pattern";
import { carried, parseSearch, type Search, writeSearch } from "./search";

export interface Here {
  path: string;
  search: Search;
  /** Path and search as one text. */
  href: string;
}

let here = read();
const listeners = new Set<() => void>();

function read(): Here {
  const { pathname, search } = window.location;
  return { path: pathname, search: parseSearch(search), href: pathname + search };
}

function moved(): void {
  here = read();
  for (const listener of listeners) listener();
}

/** Called once, when the pages start. */
export function listenToHistory(): void {
  window.addEventListener("popstate", moved);
}

export function useHere(): Here {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => here,
  );
}

export function goTo(href: string, options: { replace?: boolean } = {}): void {
  if (href === here.href) return;
  if (options.replace) window.history.replaceState(null, "", href);
  else window.history.pushState(null, "", href);
  moved();
}

/** The whole address of a page inside: its own search, with site and moment taken along. */
export function hrefOf(to: string, search: Search = {}): string {
  const [path = "/", text = ""] = to.split("?");
  return path + writeSearch({ ...carried(here.search), ...parseSearch(text), ...search });
}

/** Goes to a page, taking site and moment along. */
export function go(to: string, search: Search = {}, options: { replace?: boolean } = {}): void {
  goTo(hrefOf(to, search), options);
}

/** The address's values and a way to change some of them; `undefined` takes one away. */
export function useAddress(): [Search, (change: Search, options?: { replace?: boolean }) => void] {
  const { search } = useHere();
  return [search, change];
}

function change(next: Search, options: { replace?: boolean } = {}): void {
  goTo(here.path + writeSearch({ ...here.search, ...next }), options);
}

/** The named parts of the address that is shown. */
export function useParts(pattern: string): Record<string, string> {
  const { path } = useHere();
  return useMemo(() => fit(pattern, path) ?? {}, [pattern, path]);
}
