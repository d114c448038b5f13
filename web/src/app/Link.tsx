// A link that takes site and moment along.  Its address is whole, so that it can be copied and opened elsewhere.

import { Link as RouterLink } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { carried, type Search, useAddress } from "./address";

interface Props {
  to: string;
  search?: Search;
  className?: string | undefined;
  children: ReactNode;
  title?: string | undefined;
  "aria-label"?: string;
  "aria-current"?: "page" | undefined;
}

export function Go({ to, search, ...rest }: Props) {
  const [here] = useAddress();
  const [path = "/", text = ""] = to.split("?");
  const own = Object.fromEntries(new URLSearchParams(text));
  return <RouterLink to={path as never} search={{ ...carried(here), ...own, ...search } as never} {...rest} />;
}

export const assetLink = (id: string): string => `/assets/${encodeURIComponent(id)}`;
export const vulnerabilityLink = (id: string): string => `/vulnerabilities/${encodeURIComponent(id)}`;
export const exposureLink = (asset: string, vulnerability: string, component?: string | null): string =>
  `${assetLink(asset)}/exposures/${encodeURIComponent(vulnerability)}${component ? `?component=${encodeURIComponent(component)}` : ""}`;
