// The address holds what is shown: filter, sort, grouping, open row, moment.
// What is copied is what the other person sees.

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

export type Search = Record<string, string | undefined>;

/** Plain `name=value`, readable and stable; no JSON in an address. */
export function parseSearch(text: string): Search {
  return Object.fromEntries(new URLSearchParams(text));
}

export function writeSearch(search: Search): string {
  const params = new URLSearchParams();
  for (const name of Object.keys(search).sort()) {
    const value = search[name];
    if (value !== undefined && value !== "") params.set(name, value);
  }
  const text = params.toString().replaceAll("%3A", ":").replaceAll("%2C", ",").replaceAll("%2F", "/");
  return text ? `?${text}` : "";
}

/** The address's values and a way to change some of them; `undefined` takes one away. */
export function useAddress(): [Search, (change: Search, options?: { replace?: boolean }) => void] {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const change = useCallback(
    (next: Search, options?: { replace?: boolean }) => {
      void navigate({
        to: ".",
        search: (before: Search) => ({ ...before, ...next }),
        replace: options?.replace ?? false,
        resetScroll: false,
      } as never);
    },
    [navigate],
  );
  return [search, change];
}

/** What goes along from page to page: the site and the moment. */
export function carried(search: Search): Search {
  return { site: search["site"], as_of: search["as_of"] };
}

/** Goes to a page, taking site and moment along. */
export function useGo(): (to: string, search?: Search) => void {
  const navigate = useNavigate();
  const [here] = useAddress();
  return (to, search = {}) => void navigate({ to, search: { ...carried(here), ...search } } as never);
}
