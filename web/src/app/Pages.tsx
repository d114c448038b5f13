// Addresses and their pages.  Each page is a piece of its own, fetched when it is opened.

import { type ComponentType, lazy, Suspense, useEffect } from "react";
import type { Session } from "../api/draft";
import { client } from "../api/queries";
import { Frame } from "./Frame";
import { NotFound } from "./NotFound";
import { fit } from "./pattern";
import { go, useHere } from "./place";
import { roleOf } from "./person";
import { startOf } from "./places";

type Load = () => Promise<{ default: ComponentType }>;

const OUTSIDE: [string, ComponentType][] = pieces({
  "/sign-in": () => import("../pages/sign-in/SignIn"),
  "/set-up": () => import("../pages/set-up/SetUp"),
});

const INSIDE: [string, ComponentType][] = pieces({
  "/today": () => import("../pages/today/Today"),
  "/worklist": () => import("../pages/worklist/Worklist"),
  "/jobs": () => import("../pages/jobs/Jobs"),
  "/assets/$asset/exposures/$vulnerability": () => import("../pages/exposure/Exposure"),
  "/assets/$asset": () => import("../pages/asset/Asset"),
  "/vulnerabilities": () => import("../pages/vulnerability/Vulnerabilities"),
  "/vulnerabilities/$vulnerability": () => import("../pages/vulnerability/Vulnerability"),
  "/applications": () => import("../pages/application/Applications"),
  "/applications/$name": () => import("../pages/application/Application"),
  "/inventory": () => import("../pages/inventory/Inventory"),
  "/inventory/import": () => import("../pages/inventory/Import"),
  "/decisions": () => import("../pages/decisions/Decisions"),
  "/approvals": () => import("../pages/approvals/Approvals"),
  "/approvals/$number": () => import("../pages/approvals/Approval"),
  "/week": () => import("../pages/week/Week"),
  "/board": () => import("../pages/board/Board"),
  "/audit": () => import("../pages/audit/Audit"),
  "/verify": () => import("../pages/audit/Verify"),
  "/feeds": () => import("../pages/feeds/Feeds"),
  "/policy": () => import("../pages/policy/Policy"),
  "/admin": () => import("../pages/admin/Admin"),
  "/me": () => import("../pages/me/Me"),
  "/changes": () => import("../pages/changes/Changes"),
});

function pieces(all: Record<string, Load>): [string, ComponentType][] {
  return Object.entries(all).map(([pattern, load]) => {
    // The page that the address names is fetched at once, beside the session.
    const begun = fit(pattern, window.location.pathname) ? load() : null;
    return [pattern, lazy(() => begun ?? load())];
  });
}

export function Pages() {
  const { path } = useHere();
  const outside = OUTSIDE.find(([pattern]) => fit(pattern, path))?.[1];
  if (outside) return <Suspense fallback={<div className="blank" aria-busy="true" />}>{show(outside)}</Suspense>;
  const inside = INSIDE.find(([pattern]) => fit(pattern, path))?.[1];
  return (
    <Frame>
      <Suspense fallback={<div className="pad" aria-busy="true" />}>{path === "/" ? <Start /> : show(inside ?? NotFound)}</Suspense>
    </Frame>
  );
}

function show(Page: ComponentType) {
  return <Page />;
}

/** A role's first page. */
function Start() {
  useEffect(() => {
    const session = client.getQueryData<Session>(["session"]);
    if (session) go(startOf(roleOf(session)), {}, { replace: true });
  }, []);
  return null;
}
