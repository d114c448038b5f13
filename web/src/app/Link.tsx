// A link that takes site and moment along.  Its address is whole, so that it can be
// copied, and opened in another window like any other.

import type { MouseEvent, ReactNode } from "react";
import { goTo, hrefOf, useHere } from "./place";
import type { Search } from "./search";

interface Props {
  to: string;
  search?: Search;
  className?: string | undefined;
  children?: ReactNode;
  title?: string | undefined;
  "aria-label"?: string;
  "aria-current"?: "page" | undefined;
}

export function Go({ to, search, ...rest }: Props) {
  useHere();
  const href = hrefOf(to, search);
  return <a href={href} onClick={(event) => stay(event, href)} {...rest} />;
}

/** A plain press stays in this window; with Ctrl, Shift or another button the browser does as it always does. */
function stay(event: MouseEvent<HTMLAnchorElement>, href: string): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  goTo(href);
}

export const assetLink = (id: string): string => `/assets/${encodeURIComponent(id)}`;
export const vulnerabilityLink = (id: string): string => `/vulnerabilities/${encodeURIComponent(id)}`;
export const exposureLink = (asset: string, vulnerability: string, component?: string | null): string =>
  `${assetLink(asset)}/exposures/${encodeURIComponent(vulnerability)}${component ? `?component=${encodeURIComponent(component)}` : ""}`;
/** One device: its card; several: the vulnerability with all of them. */
export const changeLink = ({ asset, vulnerability }: { asset: string | null; vulnerability: string }): string =>
  asset ? exposureLink(asset, vulnerability) : vulnerabilityLink(vulnerability);
