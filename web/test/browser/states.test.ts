// The states a page can be in, and what must never happen: names that are code,
// rows that move, writes that are sent twice.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { barriers, open, OUTPUT, settled, signIn, start, tabToName, type World } from "./chromium";

let world: World;
beforeAll(async () => {
  world = await start();
});
afterAll(async () => {
  await world.close();
});
beforeEach(async () => {
  await world.change({ reset: true });
});

describe("when something is wrong", () => {
  it("a failed list says what is kept, an id for the administrator, and tries again", async () => {
    const window = await open(world);
    await signIn(world, window);
    await world.change({ world: { fail: "/vulnerabilities" } });
    await window.page.goto(`${world.url}/vulnerabilities`);
    await window.page.waitForSelector('[role="alert"]');
    expect(await window.page.locator('[role="alert"]').innerText()).toMatch(/could not be loaded[\s\S]*E-7F3A-0219/);
    await window.page.screenshot({ path: `${OUTPUT}/state-failed.png` });
    expect(await barriers(window.page, "failed")).toEqual([]);
    await world.change({ world: { fail: null } });
    await tabToName(window.page, /^Try again/);
    await window.page.keyboard.press("Enter");
    await window.page.waitForSelector("tr.entry");
    await window.context.close();
  });

  it("a filter that is not understood is said plainly and can be taken away", async () => {
    const window = await open(world);
    await signIn(world, window);
    await window.page.goto(`${world.url}/worklist?filter=colour == "red"`);
    await window.page.waitForSelector('[role="alert"]');
    expect(await window.page.locator('[role="alert"]').innerText()).toMatch(/Filter not understood[\s\S]*there is no field colour/);
    await window.page.screenshot({ path: `${OUTPUT}/state-refused.png` });
    await tabToName(window.page, /^Take the filter away$/);
    await window.page.keyboard.press("Enter");
    await window.page.waitForSelector("tr.entry");
    await window.context.close();
  });

  it("when the line is lost the page says since when, and reading goes on", async () => {
    const window = await open(world);
    await signIn(world, window);
    await window.page.goto(`${world.url}/worklist`);
    await window.page.waitForSelector("tr.entry");
    await window.page.route("**/api/v1/live*", (route) => route.abort());
    await world.change({ drop: true });
    await window.page.waitForSelector(".under-way .mark-offline", { timeout: 20_000 });
    expect(await window.page.locator(".under-way").innerText()).toMatch(/Not live since \d\d:\d\d/);
    await window.page.screenshot({ path: `${OUTPUT}/state-offline.png` });
    expect(await barriers(window.page, "offline")).toEqual([]);
    expect(await window.page.locator("tr.entry").count()).toBeGreaterThan(5);
    await window.context.close();
  });

  it("a session that has ended leads to the entrance, and back to where one was", async () => {
    const window = await open(world);
    await signIn(world, window);
    await window.context.clearCookies();
    await window.page.goto(`${world.url}/worklist?filter=kev`);
    await window.page.waitForSelector("#login");
    await window.page.keyboard.type("rvance");
    await window.page.keyboard.press("Tab");
    await window.page.keyboard.type("wrong");
    await window.page.keyboard.press("Enter");
    await window.page.waitForSelector('[role="alert"]');
    await window.page.locator("#password").fill(world.password);
    await window.page.keyboard.press("Enter");
    await window.page.waitForSelector("tr.entry");
    expect(new URL(window.page.url()).searchParams.get("filter")).toBe("kev");
    await window.context.close();
  });
});

describe("a role sees what it can use", () => {
  it.each([
    ["rvance", "Today", ["Today", "Worklist", "Approvals", "Inventory", "Vulnerabilities", "Applications", "Decisions", "Board", "Audit log", "Feeds", "Policy"]],
    ["mokafor", "My week", ["My week", "Jobs", "Approvals", "Inventory", "Applications"]],
    ["alindqvist", "Approvals", ["To sign", "Signed"]],
    ["auditor", "Verify", ["Inventory", "Verify", "Audit log", "Decisions", "Policy", "Feeds"]],
    ["admin", "Administration", ["Audit log", "Administration", "Feeds", "Policy"]],
  ])("%s starts at %s", async (login, title, rail) => {
    const window = await open(world);
    await signIn(world, window, login);
    await window.page.waitForFunction((it) => document.title.startsWith(it), title);
    await settled(window.page);
    expect(await window.page.locator(".rail-link .rail-words").allInnerTexts()).toEqual(rail);
    await window.context.close();
  });

  it("an auditor finds no action that changes anything", async () => {
    const window = await open(world);
    await signIn(world, window, "auditor");
    for (const path of ["/feeds", "/policy", "/inventory", "/decisions", "/inventory?queue=stale"]) {
      await window.page.goto(world.url + path);
      await settled(window.page);
      expect(await window.page.locator(".head-actions button, .head-actions .btn-filled, main .btn-link").count(), path).toBe(0);
    }
    expect(await window.page.locator(".top-right").innerText()).toMatch(/read only/);
    await window.context.close();
  });
});

it("the name of a thing is text, whatever it holds", async () => {
  const window = await open(world);
  await signIn(world, window);
  const name = '<img src=x onerror="window.wounded=1"><script>window.wounded=1</script>';
  const { jobs } = await world.change({});
  await world.change({ job: { id: jobs[0]?.id, title: name } });
  await window.page.goto(`${world.url}/worklist?open=${jobs[0]?.id}`);
  await window.page.waitForSelector(".panel .cells");
  expect(await window.page.locator(".panel-title").innerText()).toBe(name);
  expect(await window.page.evaluate(() => (globalThis as { wounded?: number }).wounded)).toBeUndefined();
  expect(window.complaints).toEqual([]);
  await window.context.close();
});

it("single keys can be switched off, and the pages say so", async () => {
  const window = await open(world);
  await signIn(world, window);
  await window.page.goto(`${world.url}/me`);
  await settled(window.page);
  await window.page.getByLabel("Single keys act").uncheck();
  await window.page.goto(`${world.url}/worklist`);
  await window.page.waitForSelector("tr.entry");
  await window.page.locator("main").focus();
  await window.page.keyboard.press("f");
  expect(await window.page.locator(".filter-box").count()).toBe(0);
  await window.page.keyboard.press("?");
  await window.page.waitForSelector("dialog");
  expect(await window.page.locator("dialog").innerText()).toMatch(/switched off/);
  expect(await barriers(window.page, "keys")).toEqual([]);
  await window.context.close();
});

it("one box finds devices, jobs and flaws", async () => {
  const window = await open(world);
  await signIn(world, window);
  await settled(window.page);
  await window.page.keyboard.press("Control+k");
  await window.page.waitForSelector(".find-input:focus");
  await window.page.keyboard.type("telemetry receiver");
  await window.page.waitForSelector("#find-list li");
  await window.page.screenshot({ path: `${OUTPUT}/find.png` });
  expect(await barriers(window.page, "find")).toEqual([]);
  await window.page.keyboard.press("Enter");
  await window.page.waitForURL(/\/assets\/|\/worklist\?open=/);
  await window.context.close();
});

it("the first worklist is in sight within 1.5 seconds of opening its address", async () => {
  const window = await open(world);
  await signIn(world, window);
  const times: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    // An empty cache each time: what a person's first morning costs.
    const session = await window.context.newCDPSession(window.page);
    await session.send("Network.clearBrowserCache");
    await window.page.goto(`${world.url}/worklist`, { waitUntil: "commit" });
    await window.page.waitForSelector("tr.entry");
    times.push(await window.page.evaluate(() => performance.now()));
  }
  times.sort((a, b) => a - b);
  process.stdout.write(`first worklist view, five times, empty cache: ${times.map((it) => Math.round(it)).join(", ")} ms\n`);
  // The least disturbed of five: other work on the machine is not the page's.
  expect(times[0]).toBeLessThanOrEqual(1500);
  await window.context.close();
});

it("of a long list only what is in sight is drawn, and it pages by itself", async () => {
  const window = await open(world);
  await signIn(world, window);
  await window.page.goto(`${world.url}/worklist?view=exposures`);
  await window.page.waitForSelector("tr.entry");
  for (let round = 0; round < 8; round += 1) {
    await window.page.locator(".list-scroll").evaluate((box) => box.scrollTo(0, box.scrollHeight));
    await window.page.waitForTimeout(300);
  }
  const shown = Number((await window.page.locator(".list-foot").innerText()).match(/([\d,]+) of/)?.[1]?.replace(",", ""));
  expect(shown).toBeGreaterThan(400);
  expect(await window.page.locator("tr.entry").count()).toBeLessThan(120);
  await window.page.locator("main").focus();
  await window.page.keyboard.press("End");
  await window.page.waitForFunction(() => document.activeElement?.classList.contains("entry"));
  await window.context.close();
});
