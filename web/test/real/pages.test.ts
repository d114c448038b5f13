// Every page on exposome itself with the demo hospital: what the server says is
// what the page shows, nothing breaks, and axe finds nothing, light and dark.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { barriers, browse, open, OUTPUT, settled, type Window, type World } from "../browser/chromium";
import { run, type Running } from "./program";

let running: Running;
let world: World;
beforeAll(async () => {
  running = await run("demo");
  world = await browse(running.url);
});
afterAll(async () => {
  await world.close();
  await running.stop();
});

const PASSWORD = "a sentence that is long enough";

async function setUp(window: Window): Promise<void> {
  const { page } = window;
  await page.goto(running.setUp);
  await settled(page);
  await page.fill("#name", "Ada Moreno");
  await page.fill("#login", "amoreno");
  await page.fill("#password", PASSWORD);
  await page.click("button[type=submit]");
  await page.waitForURL(/step=/);
}

interface Answer {
  rows: { id: string; asset?: { id: string }; vulnerability?: string; name?: string }[];
}

describe.sequential("the demo hospital", () => {
  const paths: string[] = [];

  it("makes its first account and shows a day's work", async () => {
    const window = await open(world);
    const { page } = window;
    await setUp(window);
    await page.goto(`${world.url}/today`);
    await settled(page);
    const ask = (path: string) => page.evaluate(async (it) => (await fetch(`/api/v1${it}`)).json() as unknown, path) as Promise<Answer>;
    const job = (await ask("/worklist?limit=1")).rows[0];
    const exposure = (await ask("/exposures?limit=1")).rows[0];
    const application = (await ask("/applications")).rows[0];
    if (!job || !exposure?.asset || !exposure.vulnerability || !application?.name) throw new Error("the demo hospital has no work");
    const asset = encodeURIComponent(exposure.asset.id);
    const vulnerability = encodeURIComponent(exposure.vulnerability);
    paths.push(
      "/today",
      "/worklist",
      `/worklist?open=${job.id}`,
      "/worklist?view=exposures",
      "/worklist?view=unit",
      "/worklist?filter=kev",
      `/assets/${asset}`,
      `/assets/${asset}?tab=exposures`,
      `/assets/${asset}?tab=components`,
      `/assets/${asset}/exposures/${vulnerability}`,
      "/vulnerabilities",
      `/vulnerabilities/${vulnerability}`,
      "/applications",
      `/applications/${encodeURIComponent(application.name)}`,
      "/inventory",
      "/inventory?tab=coverage",
      "/inventory?queue=seen_not_owned",
      "/inventory/import",
      "/decisions",
      "/approvals",
      "/board",
      "/audit",
      "/verify",
      "/feeds",
      "/policy",
      "/policy?tab=try",
      "/policy?tab=change",
      "/changes",
      "/me",
      "/admin",
      "/admin?tab=log",
      "/admin?tab=sites",
      "/admin?tab=signOn",
      "/admin?tab=tokens",
      "/admin?tab=jobs",
      "/admin?tab=notifications",
    );
    expect(window.complaints).toEqual([]);
    await window.context.storageState({ path: `${OUTPUT}/real-session.json` });
    await window.context.close();
  });

  for (const scheme of ["light", "dark"] as const) {
    it(`shows every page, ${scheme}`, async () => {
      const window = await open(world, { scheme, state: `${OUTPUT}/real-session.json` });
      const { page } = window;
      const wrong: string[] = [];
      for (const path of paths) {
        await page.goto(`${world.url}${path}`);
        try {
          await settled(page);
        } catch {
          wrong.push(`${path}: it never came to rest`);
        }
        const name = path.slice(1).replaceAll(/[^a-z0-9]+/gi, "-");
        await page.screenshot({ path: `${OUTPUT}/real-${name}-${scheme}.png` });
        const broken = await page.locator("section.state[role=alert]").allInnerTexts();
        wrong.push(...broken.map((it) => `${path}: ${it}`), ...(await barriers(page, path)), ...window.complaints.map((it) => `${path}: ${it}`));
        window.complaints.length = 0;
      }
      expect(wrong).toEqual([]);
      await window.context.close();
    });
  }
});
