// Who is signed in, and whether they may write here and now.

import { createContext, useContext } from "react";
import type { Session } from "../api/draft";
import { useAddress } from "./place";
import { mayDecide, readsOnly } from "./places";

const Signed = createContext<Session | null>(null);
export const SignedIn = Signed.Provider;

export function usePerson(): Session {
  const session = useContext(Signed);
  if (!session) throw new Error("a page that needs a person was shown to nobody");
  return session;
}

/** Write actions vanish, not grey, while reading the past and for those who only read. */
export function useMayWrite(): boolean {
  const [search] = useAddress();
  return !search["as_of"] && !readsOnly(usePerson().person.role);
}

export function useMayDecide(): boolean {
  return useMayWrite() && mayDecide(usePerson().person.role);
}
