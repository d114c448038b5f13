// Who is signed in, and whether they may write here and now.

import { createContext, useContext } from "react";
import type { Role, Session, Settings } from "../api/draft";
import { useAddress } from "./place";
import { mayDecide, readsOnly } from "./places";

const Signed = createContext<Session | null>(null);
export const SignedIn = Signed.Provider;

export function usePerson(): Session {
  const session = useContext(Signed);
  if (!session) throw new Error("a page that needs a person was shown to nobody");
  return session;
}

/** The role that is acted in. */
export function roleOf(session: Session): Role {
  return session.person.role ?? session.person.roles[0] ?? "reporter";
}

/** What a person has arranged, with what holds where she has not. */
export function settingsOf(session: Session): Settings {
  return { theme: "auto", single_keys: true, columns: {}, views: [], ...session.settings };
}

/** Write actions vanish, not grey, while reading the past and for those who only read. */
export function useMayWrite(): boolean {
  const [search] = useAddress();
  return !search["as_of"] && !readsOnly(roleOf(usePerson()));
}

export function useMayDecide(): boolean {
  return useMayWrite() && mayDecide(roleOf(usePerson()));
}
