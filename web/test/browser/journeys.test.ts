// The five journeys of a hospital's week, by keys alone: from the first set-up to
// the first worklist, morning triage, explain and defer with wake-up, reconcile the
// inventory, read as of last week.

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { barriers, open, OUTPUT, press, settled, signIn, start, tabTo, tabToName, type World } from "./chromium";

let world: World;
beforeAll(async () => {
  world = await start({ calm: true });
});
afterAll(async () => {
  await world.close();
});
beforeEach(async () => {
  await world.change({ reset: true });
});

const focusedId = (page: Page) => page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset["id"] ?? null);
const keep = async (page: Page, name: string) => {
  await page.screenshot({ path: `${OUTPUT}/journey-${name}.png` });
  expect(await barriers(page, name)).toEqual([]);
};

it("first set-up to first worklist, from one's own table and bill of materials", async () => {
  await world.change({ world: { setUp: true } });
  const folder = mkdtempSync(join(tmpdir(), "exposome-journey-"));
  const table = join(folder, "pumps.csv");
  writeFileSync(table, "asset_id,name,manufacturer,model,serial,firmware_version,note\nP-1,Pump,BD,8015,SN1,9.33.1,\nP-2,Pump,BD,8015,1.2E+05,9.33.1,spare\n");
  const bill = join(folder, "module.cdx.json");
  writeFileSync(bill, JSON.stringify({ bomFormat: "CycloneDX", specVersion: "1.5", components: [] }));

  const window = await open(world);
  const { page } = window;
  // Asked for early: the browser hands over its chooser only to who waits for it before the key is pressed.
  const chooser = page.waitForEvent("filechooser", { timeout: 90_000 });
  await page.goto(`${world.url}/set-up?token=first`);
  await settled(page);
  await tabTo(page, "#name");
  await page.keyboard.type("Ada Moreno");
  await press(page, "Tab");
  await page.keyboard.type("amoreno");
  await press(page, "Tab");
  await page.keyboard.type("too short");
  await press(page, "Enter");
  await page.waitForSelector("#password[aria-invalid=true]");
  await tabTo(page, "#password");
  await press(page, "Control+a");
  await page.keyboard.type("a sentence that is long enough");
  await press(page, "Enter");
  await page.waitForSelector('li[aria-current="step"]:nth-child(2)');
  await keep(page, "1-set-up");

  await tabToName(page, /^Choose files$/);
  await press(page, "Enter");
  await page.waitForSelector(".dropzone");
  // A new page has focus at its beginning.
  await page.waitForFunction(() => document.activeElement?.id === "page");
  await tabToName(page, /^Choose files$/);
  await press(page, "Enter");
  await (await chooser).setFiles([table, bill]);
  await page.waitForSelector("text=pumps.csv");
  await tabTo(page, "#import-source");
  await page.keyboard.type("cmms");
  await press(page, "Enter");
  await page.waitForSelector('select[aria-label^="note"]');
  expect(await page.locator('select[aria-label^="asset_id"]').inputValue()).toBe("asset_id");
  await keep(page, "1-columns");
  await tabToName(page, /^Preview$/);
  await press(page, "Enter");
  await page.waitForSelector("text=What would change?");
  expect(await page.locator("main").innerText()).toMatch(/row 3/);
  await keep(page, "1-preview");
  await tabToName(page, /^Import it$/);
  await press(page, "Enter");
  await page.waitForSelector("text=/Imported: 2 added, 0 changed, 0 kept, 1 complained of/");
  await keep(page, "1-result");
  await tabToName(page, /^Next$/);
  await press(page, "Enter");
  await page.waitForSelector('li[aria-current="step"]:nth-child(3)');
  await tabToName(page, /^Fetch now$/);
  await press(page, "Enter");
  await page.waitForSelector("text=Fetching has begun");
  await tabToName(page, /^Next$/);
  await press(page, "Enter");
  await tabToName(page, /^Open the worklist$/);
  await press(page, "Enter");
  await page.waitForSelector("tr.entry");
  expect(new URL(page.url()).pathname).toBe("/worklist");
  expect(window.complaints).toEqual([]);
  await window.context.close();
});

it("morning triage: today, the list, a filter, live changes without losing one's place", async () => {
  const window = await open(world);
  const { page } = window;
  await signIn(world, window);
  await settled(page);
  expect(await page.locator("h1").innerText()).toBe("Four jobs cannot wait. The first is due on Wednesday.");
  await press(page, "j", "j", "Enter");
  await page.waitForSelector(".panel .cells");
  const opened = new URL(page.url()).searchParams.get("open");
  await keep(page, "2-panel");
  await press(page, "Escape");
  await page.waitForSelector(".panel", { state: "detached" });
  await page.waitForFunction((id) => (document.activeElement as HTMLElement | null)?.dataset["id"] === id, opened);

  await press(page, "j", "j");
  const place = await focusedId(page);
  expect(place).not.toBe(opened);
  await press(page, "x", "j", "j", "X");
  expect(await page.locator(".list-foot-bulk").innerText()).toMatch(/[23] picked/);
  await keep(page, "2-picked");

  // A change is told: the row is marked where it is, and nothing moves.
  const first = (await page.locator("tr.entry").first().getAttribute("data-id")) ?? "";
  const order = await page.locator("tr.entry").evaluateAll((rows) => rows.map((it) => (it as HTMLElement).dataset["id"]));
  await tabToName(page, /Pick none/);
  await press(page, "Enter");
  await world.change({ job: { id: first, devices: 77 } });
  await page.waitForSelector('[aria-label="changed"]');
  expect(await page.locator("tr.entry").evaluateAll((rows) => rows.map((it) => (it as HTMLElement).dataset["id"]))).toEqual(order);
  expect(await page.locator(`tr[data-id="${first}"]`).innerText()).not.toMatch(/\b77\b/);
  await keep(page, "2-changed");
  await page.locator("main").focus();
  await press(page, "r");
  await page.waitForFunction((id) => /\b77\b/.test(document.querySelector<HTMLElement>(`tr[data-id="${id}"]`)?.innerText ?? ""), first);

  await press(page, "f");
  await page.waitForSelector(".filter-box:focus");
  await page.keyboard.type("unit:icu exploited:yes");
  await press(page, "Enter");
  await page.waitForSelector(".filter-chip");
  expect(new URL(page.url()).searchParams.get("filter")).toBe('unit == "Intensive care" && exploited');
  await page.waitForFunction(() => /^2 jobs/.test(document.querySelector<HTMLElement>(".head-beside")?.innerText ?? ""));
  await keep(page, "2-filtered");
  // The address is the view: whoever opens it sees the same.
  const copied = page.url();
  await page.goto(copied);
  await page.waitForSelector("tr.entry");
  expect(await page.locator(".filter-chip").count()).toBe(2);
  expect(window.complaints).toEqual([]);
  await window.context.close();
});

it("explain and defer, and wake it again", async () => {
  const window = await open(world);
  const { page } = window;
  const { jobs } = await world.change({});
  await signIn(world, window);
  await page.goto(`${world.url}/worklist?filter=${encodeURIComponent('!kev && !gated && decision == "schedule"')}`);
  await page.waitForSelector("tr.entry");
  expect(jobs.length).toBeGreaterThan(0);
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
  // Nothing happens without a reason.
  await tabToName(page, /^Defer until it wakes$/);
  await press(page, "Enter");
  await page.waitForSelector("#step-reason[aria-invalid=true]");
  await keep(page, "3-step");
  await page.locator("#step-reason").focus();
  await page.keyboard.type("Own segment; firmware comes with the autumn service.");
  await tabToName(page, /^Defer until it wakes$/);
  await press(page, "Enter");
  await page.waitForSelector('[role="dialog"]', { state: "detached" });
  await page.waitForFunction(() => /Decision \d+ holds/.test(document.querySelector('.head [role="status"]')?.textContent ?? ""));
  const after = await world.change({});
  expect(after.decided.at(-1)).toMatchObject({ command: "defer", reason: "Own segment; firmware comes with the autumn service." });
  await page.waitForFunction(() => /Defer/.test(document.querySelector<HTMLElement>(".panel-chips")?.innerText ?? ""));
  await keep(page, "3-deferred");

  await press(page, "Escape");
  const id = after.decided.length > 0 ? new URL(page.url()).searchParams.get("open") : null;
  expect(id).toBeNull();
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
  expect((await world.change({})).decided.at(-1)).toMatchObject({ command: "wake" });
  expect(window.complaints).toEqual([]);
  await window.context.close();
});

it("what is exploited cannot be deferred, and the page names the way out", async () => {
  const window = await open(world);
  const { page } = window;
  await signIn(world, window);
  await page.goto(`${world.url}/worklist?filter=kev`);
  await page.waitForSelector("tr.entry");
  await page.locator("main").focus();
  await press(page, "j", "j", "Enter");
  await page.waitForSelector(".panel .cells");
  await press(page, "d");
  await page.waitForSelector('[role="dialog"] .notes');
  expect(await page.locator('[role="dialog"]').innerText()).toMatch(/signed exception by two people/);
  expect(await page.locator('[role="dialog"] button[type=submit]').getAttribute("aria-disabled")).toBe("true");
  await window.context.close();
});

it("reconcile the inventory: each row has one next step", async () => {
  const window = await open(world);
  const { page } = window;
  await signIn(world, window);
  await settled(page);
  await press(page, "g", "i");
  await page.waitForSelector('[role="tab"]');
  await tabTo(page, "#tab-devices");
  await press(page, "ArrowRight", "ArrowRight");
  await page.waitForSelector(".queue-list");
  await page.waitForSelector("tr.entry");
  const before = await page.locator("tr.entry").count();
  await keep(page, "4-queue");
  await tabTo(page, "tr.entry");
  await press(page, "Enter");
  await page.waitForSelector('[role="dialog"] #settle-value');
  await tabTo(page, "#settle-value");
  await page.keyboard.type("Clinical engineering");
  await press(page, "Tab");
  await page.keyboard.type("Seen in the store room of ward 5.");
  await tabToName(page, /^Say who owns it$/);
  await press(page, "Enter");
  await page.waitForSelector('[role="dialog"]', { state: "detached" });
  await page.waitForFunction((rows) => document.querySelectorAll("tr.entry").length === rows - 1, before);
  expect(await page.locator("#tab-queues .tab-count").innerText()).toBe("29");
  expect(window.complaints).toEqual([]);
  await window.context.close();
});

it("read as of last week: framed, absolute, without actions, and what has changed since", async () => {
  const window = await open(world);
  const { page } = window;
  await signIn(world, window);
  await page.goto(`${world.url}/worklist?open=J-2012`);
  await page.waitForSelector(".panel .cells");
  expect(await page.locator(".panel-actions").count()).toBe(1);
  await tabTo(page, ".top-moment");
  await press(page, "Enter");
  await tabToName(page, /^A week ago$/);
  await press(page, "Enter");
  await page.waitForSelector(".under-way progress");
  await page.waitForSelector(".past-bar");
  expect(await page.locator(".past-bar").innerText()).toMatch(/As of Mon 3 Aug 2026, 06:4\d\. Read only\./);
  await page.waitForSelector("tr.entry");
  await page.waitForSelector(".under-way", { state: "detached" });
  expect(await page.locator(".cell-pick").count()).toBe(0);
  await keep(page, "5-past");
  await page.goto(`${page.url()}&open=J-2012`);
  await page.waitForSelector(".panel .cells");
  expect(await page.locator(".panel-actions button").count()).toBe(0);
  await press(page, "d");
  expect(await page.locator('[role="dialog"]').count()).toBe(0);
  await tabToName(page, /^What has changed since\?$/, 120);
  await press(page, "Enter");
  await page.waitForSelector("table.plain tbody tr");
  expect(await page.locator(".past-bar").count()).toBe(0);
  await keep(page, "5-changes");
  await page.goBack();
  await page.waitForSelector(".past-bar");
  await press(page, "Escape", "Escape");
  await page.waitForSelector(".past-bar", { state: "detached" });
  expect(window.complaints).toEqual([]);
  await window.context.close();
});
