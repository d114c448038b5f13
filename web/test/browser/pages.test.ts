// Every page, light and dark: nothing that axe finds, nothing that the browser
// complains of (the content security policy among it), one heading, a picture kept.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { barriers, open, OUTPUT, settled, signIn, start, type Window, type World } from "./chromium";

let world: World;
beforeAll(async () => {
  world = await start();
});
afterAll(async () => {
  await world.close();
});

interface Sheet {
  name: string;
  path: string;
}

const ANALYST: Sheet[] = [
  { name: "today", path: "/today" },
  { name: "worklist", path: "/worklist" },
  { name: "worklist-panel", path: "/worklist?open=J-2012" },
  { name: "worklist-flat", path: "/worklist?view=exposures" },
  { name: "worklist-by-unit", path: "/worklist?view=unit" },
  { name: "worklist-filtered", path: "/worklist?filter=kev && unit == \"Intensive care\"" },
  { name: "worklist-nothing-fits", path: "/worklist?filter=unit == \"Nowhere\"" },
  { name: "exposure", path: "/assets/CE-00459/exposures/CVE-2019-0708" },
  { name: "asset", path: "/assets/CE-00459" },
  { name: "asset-exposures", path: "/assets/CI-40001?tab=exposures" },
  { name: "asset-components", path: "/assets/CI-40001?tab=components" },
  { name: "vulnerabilities", path: "/vulnerabilities" },
  { name: "vulnerability", path: "/vulnerabilities/CVE-2023-36884" },
  { name: "vulnerability-world", path: "/vulnerabilities/CVE-2023-36884?tab=world" },
  { name: "applications", path: "/applications" },
  { name: "application", path: "/applications/Clinical%20EHR" },
  { name: "inventory", path: "/inventory" },
  { name: "inventory-coverage", path: "/inventory?tab=coverage" },
  { name: "inventory-queue", path: "/inventory?queue=duplicate" },
  { name: "import", path: "/inventory/import" },
  { name: "decisions", path: "/decisions" },
  { name: "approvals", path: "/approvals" },
  { name: "board", path: "/board" },
  { name: "audit", path: "/audit" },
  { name: "feeds", path: "/feeds" },
  { name: "policy", path: "/policy" },
  { name: "policy-try", path: "/policy?tab=try" },
  { name: "policy-change", path: "/policy?tab=change" },
  { name: "changes", path: "/changes?from=2026-08-01T00:00:00Z" },
  { name: "me", path: "/me" },
  { name: "nowhere", path: "/no/such/page" },
];
const OTHERS: Record<string, Sheet[]> = {
  mokafor: [
    { name: "week", path: "/week" },
    { name: "jobs", path: "/jobs" },
    { name: "approval-biomed", path: "/approvals/58" },
  ],
  alindqvist: [
    { name: "to-sign", path: "/approvals" },
    { name: "approval", path: "/approvals/57" },
  ],
  auditor: [{ name: "verify", path: "/verify" }],
  admin: [
    { name: "admin", path: "/admin" },
    { name: "admin-log", path: "/admin?tab=log" },
    { name: "admin-sites", path: "/admin?tab=sites" },
    { name: "admin-sign-on", path: "/admin?tab=signOn" },
    { name: "admin-tokens", path: "/admin?tab=tokens" },
    { name: "admin-jobs", path: "/admin?tab=jobs" },
    { name: "admin-notifications", path: "/admin?tab=notifications" },
  ],
};

/** Opens a page, keeps its picture and says what is wrong with it. */
async function look(window: Window, sheet: Sheet, scheme: string): Promise<string[]> {
  const { page, complaints } = window;
  complaints.length = 0;
  await page.goto(world.url + sheet.path);
  await settled(page);
  const headings = await page.locator("h1:visible").count();
  await page.screenshot({ path: `${OUTPUT}/${sheet.name}-${scheme}.png` });
  return [
    ...(headings === 1 ? [] : [`${sheet.name}: ${headings} headings of the first rank`]),
    ...(await barriers(page, `${sheet.name} ${scheme}`)),
    ...complaints.map((it) => `${sheet.name}: ${it}`),
  ];
}

async function lookAll(window: Window, sheets: Sheet[], scheme: string): Promise<void> {
  const wrong: string[] = [];
  for (const sheet of sheets) wrong.push(...(await look(window, sheet, scheme)));
  expect(wrong).toEqual([]);
}

describe.each(["light", "dark"] as const)("in %s", (scheme) => {
  it("the entrance can be used by everybody", async () => {
    const window = await open(world, { scheme });
    const sheets = [
      { name: "sign-in", path: "/sign-in" },
      { name: "set-up", path: "/set-up?token=first" },
      { name: "set-up-have", path: "/set-up?step=1" },
      { name: "set-up-world", path: "/set-up?step=2" },
    ];
    await world.change({ world: { setUp: true } });
    await lookAll(window, sheets, scheme);
    await world.change({ world: { setUp: false } });
    await lookAll(window, [{ name: "invited", path: "/set-up?token=invited" }], scheme);
    await window.context.close();
  });
  it.each([
    ["first", ANALYST.slice(0, 11)],
    ["second", ANALYST.slice(11, 21)],
    ["third", ANALYST.slice(21)],
  ])("the %s third of the analyst's pages can be used by everybody", async (_, sheets) => {
    const window = await open(world, { scheme });
    await signIn(world, window);
    await lookAll(window, sheets, scheme);
    await window.context.close();
  });
  it.each(Object.entries(OTHERS))("the pages of %s can be used by everybody", async (login, sheets) => {
    const window = await open(world, { scheme });
    await signIn(world, window, login);
    await lookAll(window, sheets, scheme);
    await window.context.close();
  });
});

it("on a tablet the panel becomes a page, and targets are large enough for gloves", async () => {
  const window = await open(world, { width: 1024, height: 1366 });
  await signIn(world, window);
  await lookAll(window, ANALYST.slice(0, 9).map((it) => ({ ...it, name: `${it.name}-tablet` })), "light");
  await window.page.goto(`${world.url}/worklist?open=J-2012`);
  await settled(window.page);
  expect(await window.page.locator(".split-list").isVisible()).toBe(false);
  const small = await window.page.locator(".panel-actions .btn").evaluateAll((all) => all.filter((it) => it.getBoundingClientRect().height < 48).length);
  expect(small).toBe(0);
  await window.context.close();
});

it("at 320 pixels, as at 400 % zoom, nothing but tables scrolls sideways", async () => {
  const window = await open(world, { width: 320, height: 640 });
  await signIn(world, window, "alindqvist");
  for (const path of ["/approvals", "/approvals/57"]) {
    await window.page.goto(world.url + path);
    await settled(window.page);
    const wide = await window.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth + (document.querySelector("main")?.scrollWidth ?? 0) - (document.querySelector("main")?.clientWidth ?? 0));
    expect(wide, path).toBe(0);
  }
  await window.context.close();
});

it("with forced colours and with more contrast the marks and words stay", async () => {
  for (const sight of [{ forced: true }, { contrast: true }]) {
    const window = await open(world, sight);
    await signIn(world, window);
    await window.page.goto(`${world.url}/worklist?open=J-2012`);
    await settled(window.page);
    await window.page.screenshot({ path: `${OUTPUT}/worklist-${sight.forced ? "forced-colours" : "more-contrast"}.png` });
    expect(await window.page.locator('svg.mark-act_now').count()).toBeGreaterThan(3);
    await window.context.close();
  }
});

it.each([
  ["A4", "210mm", "297mm"],
  ["Letter", "8.5in", "11in"],
])("the board's page and the exposure's sheet print on one %s", async (name, width, height) => {
  const window = await open(world);
  await signIn(world, window);
  for (const [sheet, path] of [
    ["board", "/board"],
    ["exposure", "/assets/CE-00459/exposures/CVE-2019-0708"],
  ] as const) {
    await window.page.goto(world.url + path);
    await settled(window.page);
    const pdf = await window.page.pdf({ width, height, printBackground: true, path: `${OUTPUT}/${sheet}-${name}.pdf` });
    const pages = pdf.toString("latin1").match(/\/Type\s*\/Page[^s]/g)?.length ?? 0;
    expect(pages, `${sheet} on ${name}`).toBe(1);
  }
  await window.context.close();
});
