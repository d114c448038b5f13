// Journeys of a hospital's week on exposome itself, by keys alone: from nothing to the
// first worklist, morning triage, explain and defer with wake-up, read as of before.

import { basename } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { barriers, browse, open, OUTPUT, press, settled, tabTo, tabToName, type Window, type World } from "../browser/chromium";
import { documents, run, type Running } from "./program";

const keep = async (page: Page, name: string) => {
  await page.screenshot({ path: `${OUTPUT}/real-journey-${name}.png` });
  expect(await barriers(page, name)).toEqual([]);
};

describe.sequential("a hospital's first week", () => {
  let running: Running;
  let world: World;
  let window: Window;
  let page: Page;
  const own = documents();
  beforeAll(async () => {
    running = await run("serve");
    world = await browse(running.url);
    window = await open(world);
    page = window.page;
  });
  // What stood there when something was not found.
  afterEach(() => page.screenshot({ path: `${OUTPUT}/real-journey-last.png` }));
  afterAll(async () => {
    own.remove();
    await world.close();
    await running.stop();
  });

  it("from nothing to the first worklist, from one's own table and bill of materials", async () => {
    const table = own.documents.find((it) => basename(it) === "cmms-export.csv") ?? "";
    const bill = own.documents.find((it) => it.endsWith(".cdx.json")) ?? "";
    // Asked for early: the browser hands over its chooser only to who waits for it before the key is pressed.
    const chooser = page.waitForEvent("filechooser", { timeout: 90_000 });
    await page.goto(running.setUp);
    await settled(page);
    await tabTo(page, "#name");
    await page.keyboard.type("Ada Moreno");
    await press(page, "Tab");
    await page.keyboard.type("amoreno");
    await press(page, "Tab");
    await page.keyboard.type("a sentence that is long enough");
    await press(page, "Enter");
    await page.waitForSelector('li[aria-current="step"]:nth-child(2)');
    await tabToName(page, /^Choose files$/);
    await press(page, "Enter");
    await page.waitForSelector(".dropzone");
    await page.waitForFunction(() => document.activeElement?.id === "page");
    await tabToName(page, /^Choose files$/);
    await press(page, "Enter");
    await (await chooser).setFiles([table, bill]);
    await page.waitForSelector("text=cmms-export.csv");
    await tabTo(page, "#import-source");
    await page.keyboard.type("cmms");
    await press(page, "Enter");
    await tabToName(page, /^Preview$/);
    await press(page, "Enter");
    await page.waitForSelector("text=What would change?");
    await keep(page, "1-preview");
    await tabToName(page, /^Import it$/);
    await press(page, "Enter");
    await page.waitForSelector("text=/Imported: [0-9]+ added/");
    await keep(page, "1-result");

    // The feeds are brought along: no publisher is asked here.
    await page.goto(`${world.url}/feeds?load=1`);
    await page.waitForSelector("#feed-file");
    await page.setInputFiles("#feed-file", own.feeds);
    await tabToName(page, /^Load/);
    await press(page, "Enter");
    await page.waitForSelector('[role="dialog"]', { state: "detached", timeout: 60_000 });
    await keep(page, "1-feeds");
    await page.goto(`${world.url}/worklist`);
    await page.waitForSelector("tr.entry", { timeout: 60_000 });
    await keep(page, "1-worklist");
    expect(window.complaints).toEqual([]);
  });

  it("morning triage: the first job, its reasons, a filter that is a link", async () => {
    await page.goto(`${world.url}/today`);
    await settled(page);
    await press(page, "j", "Enter");
    await page.waitForSelector(".panel .cells");
    await keep(page, "2-panel");
    await press(page, "Escape");
    await page.goto(`${world.url}/worklist`);
    await page.waitForSelector("tr.entry");
    await press(page, "f");
    await page.waitForSelector(".filter-box:focus");
    await page.keyboard.type("unit:emergency exploited:no");
    await press(page, "Enter");
    await page.waitForSelector(".filter-chip");
    const copied = page.url();
    await page.waitForSelector("tr.entry");
    await keep(page, "2-filtered");
    const rows = await page.locator("tr.entry").count();
    expect(rows).toBeGreaterThan(0);
    await page.goto(copied);
    await page.waitForSelector("tr.entry");
    expect(await page.locator("tr.entry").count()).toBe(rows);
    expect(window.complaints).toEqual([]);
  });

  it("explain and defer until it wakes, and wake it again", async () => {
    await page.goto(`${world.url}/worklist?filter=${encodeURIComponent('!exploited && !gated && decision in ["schedule", "monitor"]')}`);
    await page.waitForSelector("tr.entry");
    await page.locator("main").focus();
    await press(page, "j", "j", "Enter");
    await page.waitForSelector(".panel .cells");
    await page.waitForFunction(() => document.activeElement?.classList.contains("panel"));
    await tabToName(page, /^Work it out by hand$/);
    await press(page, "Enter");
    await page.waitForSelector(".card-inputs");
    await keep(page, "3-explained");
    await press(page, "d");
    await page.waitForSelector('[role="dialog"] #step-reason');
    await page.locator("#step-reason").focus();
    await page.keyboard.type("Own segment; firmware comes with the autumn service.");
    await tabToName(page, /^Defer until it wakes$/);
    await press(page, "Enter");
    await page.waitForSelector('[role="dialog"]', { state: "detached" });
    await page.waitForFunction(() => /Decision \d+ holds/.test(document.querySelector('.head [role="status"]')?.textContent ?? ""));
    await keep(page, "3-deferred");
    await page.goto(`${world.url}/worklist?filter=${encodeURIComponent('decision == "defer"')}`);
    await page.waitForSelector("tr.entry");
    await page.locator("main").focus();
    await press(page, "j", "j", "Enter");
    await page.waitForSelector(".panel .cells");
    await press(page, "w");
    await page.waitForSelector('[role="dialog"] #step-reason');
    await tabTo(page, "#step-reason");
    await page.keyboard.type("The service visit was cancelled.");
    await tabToName(page, /^Wake now$/);
    await press(page, "Enter");
    await page.waitForSelector('[role="dialog"]', { state: "detached" });
    const ask = (path: string) => page.evaluate(async (it) => (await fetch(`/api/v1${it}`)).json() as unknown, path) as Promise<{ rows: { reason: string }[] }>;
    const reasons = (await ask("/audit?limit=2")).rows.map((it) => it.reason);
    expect(reasons).toEqual(["The service visit was cancelled.", "Own segment; firmware comes with the autumn service."]);
    expect(window.complaints).toEqual([]);
  });

  it("read as of before: framed, without actions, and what has changed since", async () => {
    const before = new Date(Date.now() - 7 * 86_400_000).toISOString();
    await page.goto(`${world.url}/worklist?as_of=${before}`);
    await page.waitForSelector(".past-bar");
    await settled(page);
    expect(await page.locator(".past-bar").innerText()).toMatch(/Read only/);
    expect(await page.locator(".cell-pick").count()).toBe(0);
    // Nothing was known then.
    expect(await page.locator("tr.entry").count()).toBe(0);
    await keep(page, "5-past");
    await tabToName(page, /^What has changed since\?$/, 120);
    await press(page, "Enter");
    await page.waitForFunction(() => document.querySelector(".past-bar") === null);
    await settled(page);
    // Nobody has assessed the site here, and the page does not take that for quiet.
    expect(await page.locator("main").innerText()).toMatch(/has not been assessed since/);
    await keep(page, "5-changes");
    expect(window.complaints).toEqual([]);
  });
});
