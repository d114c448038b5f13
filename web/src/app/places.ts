// The pages and who has them in the rail.  A role's first entry is where it starts.

import {
  IconAdjustmentsHorizontal,
  IconBug,
  IconCalendarWeek,
  IconClipboardList,
  IconDevices2,
  IconFileText,
  IconGavel,
  IconHistory,
  IconListCheck,
  IconPlugConnected,
  IconSettings,
  IconShieldCheck,
  IconSignature,
  IconStack2,
  IconSun,
} from "@tabler/icons-react";
import type { ComponentType } from "react";
import type { Role } from "../api/draft";
import { shell } from "../messages";

export interface Place {
  path: string;
  words: string;
  icon: ComponentType<{ size?: number; stroke?: number; "aria-hidden"?: boolean }>;
  group: "work" | "look" | "prove" | "keep";
  /** The second key after G. */
  go?: string;
  counts?: "jobs" | "approvals" | "stale";
}

const p = shell.place;
const PLACES = {
  today: { path: "/today", words: p.today, icon: IconSun, group: "work", go: "t" },
  worklist: { path: "/worklist", words: p.worklist, icon: IconListCheck, group: "work", go: "w", counts: "jobs" },
  approvals: { path: "/approvals", words: p.approvals, icon: IconSignature, group: "work", counts: "approvals" },
  week: { path: "/week", words: p.week, icon: IconCalendarWeek, group: "work", go: "t" },
  jobs: { path: "/jobs", words: p.jobs, icon: IconListCheck, group: "work", go: "w" },
  signed: { path: "/decisions", words: p.signed, icon: IconGavel, group: "work" },
  sign: { path: "/approvals", words: p.sign, icon: IconSignature, group: "work", counts: "approvals" },
  inventory: { path: "/inventory", words: p.inventory, icon: IconDevices2, group: "look", go: "i" },
  vulnerabilities: { path: "/vulnerabilities", words: p.vulnerabilities, icon: IconBug, group: "look" },
  applications: { path: "/applications", words: p.applications, icon: IconStack2, group: "look" },
  decisions: { path: "/decisions", words: p.decisions, icon: IconGavel, group: "prove" },
  board: { path: "/board", words: p.board, icon: IconFileText, group: "prove" },
  audit: { path: "/audit", words: p.audit, icon: IconHistory, group: "prove" },
  verify: { path: "/verify", words: p.verify, icon: IconShieldCheck, group: "prove" },
  feeds: { path: "/feeds", words: p.feeds, icon: IconPlugConnected, group: "keep", counts: "stale" },
  policy: { path: "/policy", words: p.policy, icon: IconAdjustmentsHorizontal, group: "keep" },
  admin: { path: "/admin", words: p.admin, icon: IconSettings, group: "keep" },
  tasks: { path: "/jobs", words: p.jobs, icon: IconClipboardList, group: "work" },
} satisfies Record<string, Place>;

type Key = keyof typeof PLACES;

const RAIL: Record<Role, Key[]> = {
  analyst: ["today", "worklist", "approvals", "inventory", "vulnerabilities", "applications", "decisions", "board", "audit", "feeds", "policy"],
  biomed: ["week", "jobs", "approvals", "inventory", "applications"],
  it_operations: ["jobs", "inventory", "applications", "vulnerabilities", "feeds"],
  clinician: ["sign", "signed"],
  compliance: ["decisions", "board", "inventory", "audit", "verify", "policy"],
  auditor: ["verify", "audit", "decisions", "inventory", "policy", "feeds"],
  administrator: ["admin", "feeds", "policy", "audit"],
  reporter: ["board"],
};

export function railOf(role: Role): Place[] {
  return RAIL[role].map((key) => PLACES[key]);
}

export function startOf(role: Role): string {
  return railOf(role)[0]?.path ?? "/today";
}

/** Roles that read and change nothing. */
export function readsOnly(role: Role): boolean {
  return role === "auditor" || role === "reporter";
}

const MAY_DECIDE: Role[] = ["analyst", "biomed", "it_operations", "administrator"];
/** Whether the page offers decisions on exposures; the server refuses by its own table. */
export function mayDecide(role: Role): boolean {
  return MAY_DECIDE.includes(role) && role !== "administrator";
}
