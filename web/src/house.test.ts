// Rules of this folder that a machine can check.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

function files(folder: string, endings: string[]): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((it) => it.isFile() && endings.some((ending) => it.name.endsWith(ending)))
    .map((it) => join(it.parentPath, it.name))
    .sort();
}

const tsx = files("src", [".tsx"]);
const css = files("src", [".css"]).filter((it) => !it.endsWith("tokens.css"));

it("no text of a page stands outside the message files", () => {
  // Text between tags, or in an attribute that people read.
  const between = /(?<!=)>\s*([A-Za-z][A-Za-z’',.]*(?: [A-Za-z’',.]+)+|[A-Z][a-z]{2,})\s*</g;
  const attribute = /(?:aria-label|title|placeholder|alt)="([^"]*[A-Za-z]{2}[^"]*)"/g;
  const found = tsx.flatMap((file) => {
    const text = readFileSync(file, "utf8");
    return [...text.matchAll(between), ...text.matchAll(attribute)].map((it) => `${file}: ${it[1]}`);
  });
  // Names of standards and of keys are the same in every language.
  expect(found.filter((it) => !/: (Esc|EPSS|Ctrl Z)$/.test(it))).toEqual([]);
});

it("no colour is written outside the tokens", () => {
  const found = css.flatMap((file) => {
    const text = readFileSync(file, "utf8").replace(/@media print \{[\s\S]*$/, "");
    return [...text.matchAll(/#[0-9a-f]{3,8}\b|rgba?\(/gi)].map((it) => `${file}: ${it[0]}`);
  });
  expect(found).toEqual([]);
});

it("no element has an inline style: the content security policy forbids what is parsed", () => {
  const found = tsx.filter((file) => / style=\{/.test(readFileSync(file, "utf8")));
  expect(found).toEqual([]);
});

it("the lock names no place that packages come from", () => {
  expect(readFileSync("package-lock.json", "utf8")).not.toMatch(/"resolved"|registry\./);
});

it("every package may be shipped", () => {
  const lock = JSON.parse(readFileSync("package-lock.json", "utf8")) as { packages: Record<string, { license?: string }> };
  const allowed = /^\(?(MIT|MIT-0|Apache-2\.0|BSD-2-Clause|BSD-3-Clause|ISC|OFL-1\.1|0BSD|MPL-2\.0|BlueOak-1\.0\.0|Python-2\.0|CC0-1\.0)( (OR|AND) [\w.-]+)*\)?$/;
  const found = Object.entries(lock.packages).filter(([name, it]) => name !== "" && !allowed.test(it.license ?? "none"));
  expect(found.map(([name, it]) => `${name}: ${it.license}`)).toEqual([]);
});

// Contrast (UI: text 4.5, control edges and marks 3) ---------------------------

function tokens(scheme: "light" | "dark"): Record<string, string> {
  const text = readFileSync("src/theme/tokens.css", "utf8");
  const block = text.split(`[data-mantine-color-scheme="${scheme}"] {`)[1]?.split("}")[0] ?? "";
  return Object.fromEntries([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/gi)].map((it) => [it[1], it[2]]));
}

function luminance(hex: string): number {
  const part = (from: number) => {
    const value = Number.parseInt(hex.slice(from, from + 2), 16) / 255;
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
}

function ratio(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

it.each(["light", "dark"] as const)("every text can be read on every ground it lies on, in %s", (scheme) => {
  const t = tokens(scheme);
  const pairs: [string, string, number][] = [
    ...["text", "text2", "text3"].flatMap((text) => ["canvas", "surface", "sunken", "accent-tint"].map((ground): [string, string, number] => [text, ground, 4.5])),
    ...["accent", "act", "schedule", "defer", "monitor", "verified"].flatMap((colour) => ["canvas", "surface"].map((ground): [string, string, number] => [colour, ground, 4.5])),
    ...["act", "schedule", "defer", "monitor", "verified", "accent"].map((colour): [string, string, number] => [colour, `${colour}-tint`, 4.5]),
    ["on-accent", "accent", 4.5],
    ["on-act", "act-solid", 4.5],
    ["control", "surface", 3],
    ["control", "canvas", 3],
    ["bar", "surface", 3],
  ];
  const poor = pairs.flatMap(([front, ground, least]) => {
    const is = ratio(t[front] ?? "#000000", t[ground] ?? "#000000");
    return is < least ? [`${front} on ${ground}: ${is.toFixed(2)}, not ${least}`] : [];
  });
  expect(poor).toEqual([]);
});
