// The part of the address behind the question mark: plain names and values.

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

/** What goes along from page to page: the site and the moment. */
export function carried(search: Search): Search {
  return { site: search["site"], as_of: search["as_of"] };
}
