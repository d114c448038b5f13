// exposome itself, on a folder of its own: the demo hospital, or nothing yet.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PROGRAM = process.env["EXPOSOME_PROGRAM"] ?? "../target/debug/exposome";

export interface Running {
  url: string;
  /** The one-time link that makes the first account. */
  setUp: string;
  folder: string;
  stop: () => Promise<void>;
}

/** Starts the server; with the demo hospital in it, or empty. */
export async function run(what: "demo" | "serve"): Promise<Running> {
  if (!existsSync(PROGRAM)) throw new Error(`there is no program at ${PROGRAM}: cargo build -p exposome, or set EXPOSOME_PROGRAM`);
  const folder = mkdtempSync(join(tmpdir(), "exposome-real-"));
  // Nobody is asked on a network.
  const config = join(folder, "settings.toml");
  writeFileSync(config, "[jobs]\nenabled = false\n");
  const place = ["--plain", "--address", "127.0.0.1:0"];
  const words = what === "demo" ? ["demo", "--folder", folder, "--limit", "1", ...place] : ["--data", folder, "serve", "--config", config, ...place];
  const child = spawn(PROGRAM, words, { stdio: ["ignore", "pipe", "pipe"] });
  const said = { all: "" };
  const hear = (piece: Buffer) => {
    said.all += piece.toString();
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  const until = Date.now() + 100_000;
  for (;;) {
    const url = /answers at (http:\S+)/.exec(said.all)?.[1];
    const setUp = /(http:\S+token=\S+)/.exec(said.all)?.[1];
    if (url && setUp) return { url: url.replace(/\/$/, ""), setUp, folder, stop: () => stop(child, folder) };
    if (child.exitCode !== null || Date.now() > until) {
      child.kill();
      throw new Error(`exposome ${words.join(" ")} did not start: ${said.all}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await ended;
  rmSync(folder, { recursive: true, force: true });
}

/** The documents and feeds of the demo hospital, as files to bring along. */
export function documents(): { documents: string[]; feeds: string[]; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "exposome-real-"));
  execFileSync(PROGRAM, ["demo", "--no-serve", "--folder", folder], { stdio: "ignore" });
  // The demo's feeds are of August; here somebody has fetched them this morning.
  const now = new Date().toISOString().slice(0, 19);
  const fresh = (name: string, pattern: RegExp, words: string) => {
    const file = join(folder, "feeds", name);
    writeFileSync(file, readFileSync(file, "utf8").replace(pattern, words));
  };
  fresh("known_exploited_vulnerabilities.json", /"dateReleased": *"[^"]*"/, `"dateReleased": "${now}.0Z"`);
  fresh("epss_scores-2026-08-08.csv", /score_date:\S+/, `score_date:${now.slice(0, 10)}T00:00:00+0000`);
  const files = (below: string) =>
    readdirSync(join(folder, below), { recursive: true, withFileTypes: true })
      .filter((it) => it.isFile())
      .map((it) => join(it.parentPath, it.name));
  return { documents: files("documents"), feeds: files("feeds"), remove: () => rmSync(folder, { recursive: true, force: true }) };
}
