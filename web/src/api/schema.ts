// What the served API document says already, by the names of the pages.  The
// document is web/openapi.json; `npm run types` draws openapi.d.ts from it before
// every check, so that a field that goes is missed at once.

import type { components } from "./openapi";

type S = components["schemas"];

export type Role = S["Role"];
export type Problem = S["Problem"];
export type Grant = Omit<S["GrantView"], "role"> & { role: Role };
export type Ways = S["Ways"];
export type Passkey = S["PasskeyView"];
export type OwnSession = S["SessionView"];
export type AccountLog = S["History"];
export type RoleTable = S["Table"];
export type ServerJob = S["ServerJob"];
export type Token = Omit<S["Token"], "role"> & { role: Role };
export type PersonRow = Omit<S["Person"], "roles"> & { roles: Grant[] };
export type Invited = Omit<S["Invited"], "person"> & { person: PersonRow };

export interface SavedView {
  id: string;
  title: string;
  page: string;
  search: string;
  shared_with: Role | null;
}
/** What the pages keep under a person's settings. */
export interface Settings {
  theme: "light" | "dark" | "auto";
  single_keys: boolean;
  columns: Record<string, string[]>;
  views: SavedView[];
}
export type Session = Omit<S["Session"], "settings" | "sites" | "second_factor"> & {
  settings: Partial<Settings>;
  sites: (S["SiteView"] & { zone?: string | null })[];
  second_factor: "none" | "totp" | "passkey" | "provider";
};
