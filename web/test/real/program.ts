// exposome itself, on a folder of its own: the demo hospital, or nothing yet.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
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
  const place = ["--plain", "--address", "127.0.0.1:0"];
  const words = what === "demo" ? ["demo", "--folder", folder, "--limit", "1", ...place] : ["--data", folder, "serve", ...place];
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
export function documents(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "exposome-real-"));
  execFileSync(PROGRAM, ["demo", "--no-serve", "--folder", folder], { stdio: "ignore" });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
