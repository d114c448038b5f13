// Addresses and their pages.  Each page is a piece of its own, fetched when it is opened.

import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";
import type { Session } from "../api/draft";
import { client } from "../api/queries";
import { NotFound } from "./NotFound";
import { parseSearch, type Search, writeSearch } from "./address";
import { Frame } from "./Frame";
import { startOf } from "./places";

const root = createRootRoute({
  component: Outlet,
  notFoundComponent: NotFound,
  validateSearch: (search: Record<string, unknown>): Search => search as Search,
});

const signIn = createRoute({ getParentRoute: () => root, path: "/sign-in", component: lazyRouteComponent(() => import("../pages/sign-in/SignIn")) });
const setUp = createRoute({ getParentRoute: () => root, path: "/set-up", component: lazyRouteComponent(() => import("../pages/set-up/SetUp")) });
const frame = createRoute({ getParentRoute: () => root, id: "frame", component: Frame, notFoundComponent: NotFound });

const start = createRoute({
  getParentRoute: () => frame,
  path: "/",
  beforeLoad: () => {
    const session = client.getQueryData<Session>(["session"]);
    throw redirect({ to: session ? startOf(session.person.role) : "/today" });
  },
});

type Module = { default: React.ComponentType };
const page = (path: string, module: () => Promise<Module>) =>
  createRoute({ getParentRoute: () => frame, path, component: lazyRouteComponent(module) });

const pages = [
  page("/today", () => import("../pages/today/Today")),
  page("/worklist", () => import("../pages/worklist/Worklist")),
  page("/jobs", () => import("../pages/jobs/Jobs")),
  page("/assets/$asset/exposures/$vulnerability", () => import("../pages/exposure/Exposure")),
  page("/assets/$asset", () => import("../pages/asset/Asset")),
  page("/vulnerabilities", () => import("../pages/vulnerability/Vulnerabilities")),
  page("/vulnerabilities/$vulnerability", () => import("../pages/vulnerability/Vulnerability")),
  page("/applications", () => import("../pages/application/Applications")),
  page("/applications/$name", () => import("../pages/application/Application")),
  page("/inventory", () => import("../pages/inventory/Inventory")),
  page("/inventory/import", () => import("../pages/inventory/Import")),
  page("/decisions", () => import("../pages/decisions/Decisions")),
  page("/approvals", () => import("../pages/approvals/Approvals")),
  page("/approvals/$number", () => import("../pages/approvals/Approval")),
  page("/week", () => import("../pages/week/Week")),
  page("/board", () => import("../pages/board/Board")),
  page("/audit", () => import("../pages/audit/Audit")),
  page("/verify", () => import("../pages/audit/Verify")),
  page("/feeds", () => import("../pages/feeds/Feeds")),
  page("/policy", () => import("../pages/policy/Policy")),
  page("/admin", () => import("../pages/admin/Admin")),
  page("/me", () => import("../pages/me/Me")),
  page("/changes", () => import("../pages/changes/Changes")),
];

export const router = createRouter({
  routeTree: root.addChildren([signIn, setUp, frame.addChildren([start, ...pages])]),
  parseSearch: (text) => parseSearch(text),
  stringifySearch: (search) => writeSearch(search as Search),
  defaultPreload: "intent",
  scrollRestoration: false,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
