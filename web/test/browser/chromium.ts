// A real Chromium on the built pages: opening, signing in, keys, axe.

import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { serve } from "../fixture/server.mjs";

const CHROMIUM = process.env["EXPOSOME_CHROMIUM"] ?? "/usr/bin/chromium";
export const OUTPUT = "test-output";
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export interface World {
  url: string;
  password: string;
  browser: Browser;
  close: () => Promise<void>;
  /** Changes the stand-in's world; on a real server there is none. */
  change: (command: object) => Promise<{ jobs: { id: string; title: string; decision: string }[]; decided: { number: number; command: string; reason: string }[] }>;
}

async function launch(): Promise<Browser> {
  if (!existsSync("dist/index.html")) throw new Error("the pages are not built: npm run build");
  if (!existsSync(CHROMIUM)) throw new Error(`there is no Chromium at ${CHROMIUM}: install the package chromium, or set EXPOSOME_CHROMIUM`);
  mkdirSync(OUTPUT, { recursive: true });
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

/** A browser on a server that somebody else has started. */
export async function browse(url: string): Promise<World> {
  const browser = await launch();
  return { url, password: "", browser, close: () => browser.close(), change: () => Promise.reject(new Error("a real server has no world to change")) };
}

export async function start(options: { calm?: boolean } = {}): Promise<World> {
  const browser = await launch();
  const server = await serve(options);
  return {
    ...server,
    browser,
    close: async () => {
      await browser.close();
      server.close();
    },
    change: async (command) => (await fetch(`${server.url}/__fixture`, { method: "POST", body: JSON.stringify(command) })).json() as never,
  };
}

export interface Window {
  page: Page;
  context: BrowserContext;
  /** What the browser complained of: scripts, styles, requests. */
  complaints: string[];
}

export interface Sight {
  scheme?: "light" | "dark";
  width?: number;
  height?: number;
  forced?: boolean;
  contrast?: boolean;
  /** A file with the cookies of somebody who is signed in. */
  state?: string;
}

export async function open(world: World, sight: Sight = {}): Promise<Window> {
  const context = await world.browser.newContext({
    viewport: { width: sight.width ?? 1440, height: sight.height ?? 900 },
    colorScheme: sight.scheme ?? "light",
    forcedColors: sight.forced ? "active" : "none",
    contrast: sight.contrast ? "more" : "no-preference",
    reducedMotion: "reduce",
    locale: "en-GB",
    ...(sight.state ? { storageState: sight.state } : {}),
    timezoneId: "UTC",
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" && !/status of (401|403|409|422|500|503)|ERR_(INCOMPLETE|EMPTY|CONNECTION)/.test(message.text())) complaints.push(message.text());
  });
  return { page, context, complaints };
}

/** Signs in by keys alone. */
export async function signIn(world: World, window: Window, login = "rvance"): Promise<void> {
  const { page } = window;
  await page.goto(`${world.url}/sign-in`);
  await page.waitForSelector("#login");
  await page.keyboard.type(login);
  await page.keyboard.press("Tab");
  await page.keyboard.type(world.password);
  await page.keyboard.press("Enter");
  if (login === "admin") {
    await page.waitForSelector("#code");
    await page.keyboard.type("123456");
    await page.keyboard.press("Enter");
  }
  await page.waitForSelector("nav.rail");
}

export async function settled(page: Page): Promise<void> {
  await page.waitForLoadState("load");
  await page.waitForFunction(() => document.querySelector("h1") !== null && document.querySelector('[aria-busy="true"]') === null, undefined, { timeout: 20_000 });
}

interface Finding {
  id: string;
  nodes: { target: unknown[]; failureSummary?: string }[];
}

/** What axe finds against WCAG 2.0 to 2.2, A and AA, and its best practices. */
export async function barriers(page: Page, name: string): Promise<string[]> {
  await page.evaluate(AXE);
  const found = (await page.evaluate(
    () =>
      (globalThis as unknown as { axe: { run: (options: object) => Promise<{ violations: unknown }> } }).axe
        .run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })
        .then((it) => it.violations),
  )) as Finding[];
  return found.flatMap((it) => it.nodes.slice(0, 4).map((node) => `${name}: ${it.id} at ${JSON.stringify(node.target)} ${node.failureSummary?.split("\n")[1]?.trim() ?? ""}`));
}

export async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) {
    await page.keyboard.press(key);
    await page.waitForTimeout(60);
  }
}

/** Goes on with Tab until that is focused, as a person without a mouse would. */
export async function tabTo(page: Page, selector: string, most = 80): Promise<void> {
  for (let press = 0; press < most; press += 1) {
    if (await page.evaluate((it) => document.activeElement?.matches(it) ?? false, selector)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`${selector} cannot be reached with Tab`);
}

/** Goes on with Tab until what has focus is called that. */
export async function tabToName(page: Page, name: RegExp, most = 80): Promise<void> {
  let seen = "";
  for (let press = 0; press < most; press += 1) {
    seen = await page.evaluate(() => {
      const at = document.activeElement as HTMLElement | null;
      if (!at || at === document.body) return "";
      return at.getAttribute("aria-label") ?? at.innerText ?? "";
    });
    if (name.test(seen.replaceAll("\n", " "))) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`nothing called ${name} can be reached with Tab; the last was “${seen}”`);
}
