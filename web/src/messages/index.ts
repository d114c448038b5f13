// All text of the pages, by language.  A page takes its words from here and holds
// none of its own; another language is another folder of the same shape.

import * as en from "./en";

export type Messages = typeof en;

const bundles: Record<string, Messages> = { en };

const chosen: Messages = bundles[(globalThis.navigator?.language ?? "en").slice(0, 2)] ?? en;

export const words = chosen.words;
export const shell = chosen.shell;
export const text = chosen.pages;
