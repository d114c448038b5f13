// The one place that speaks HTTP.  Reads carry the site and the moment; writes
// carry the session's token and a key of their own, so that a write that is
// repeated after a lost answer happens once.

import { adapt } from "./adapt";
import type { Building, Problem } from "./draft";

const BASE = "/api/v1";

/** Why an answer did not come.  *Refused* is theirs and says what to do, *failed* is ours and has an id. */
export class ApiProblem extends Error {
  readonly problem: Problem;
  readonly at: string;
  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
    this.at = new Date().toISOString();
  }
  get status(): number {
    return this.problem.status;
  }
  get refused(): boolean {
    return this.status >= 400 && this.status < 500;
  }
  get unreachable(): boolean {
    return this.status === 0;
  }
}

export type Params = Record<string, string | number | boolean | null | undefined>;

export interface Work {
  key: string;
  step: string;
  done: number;
  of: number | null;
}

type WorkListener = (work: Map<string, Work>) => void;
const working = new Map<string, Work>();
const workListeners = new Set<WorkListener>();

/** Long work that is under way: a past moment that is being built, a job that runs. */
export function onWork(listener: WorkListener): () => void {
  workListeners.add(listener);
  listener(working);
  return () => workListeners.delete(listener);
}

export function setWork(work: Work | null, key: string): void {
  if (work) working.set(key, work);
  else working.delete(key);
  for (const listener of workListeners) listener(new Map(working));
}

let csrf = "";
export function setCsrf(token: string): void {
  csrf = token;
}

export function query(params: Params): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== null && value !== undefined && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `?${text}` : "";
}

/** Reads.  A past moment that is not built yet is waited for, with its progress in the top bar. */
export async function read<T>(path: string, params: Params = {}, signal?: AbortSignal): Promise<T> {
  const workKey = `as_of ${params["as_of"] ?? ""}`;
  for (;;) {
    const response = await send(`${BASE}${path}${query(params)}`, { headers: { accept: "application/json" }, signal });
    if (response.status !== 202) {
      if (params["as_of"]) setWork(null, workKey);
      return adapt<T>(path, await response.json());
    }
    const { building } = (await response.json()) as Building;
    setWork({ key: workKey, ...building }, workKey);
    await pause(700, signal);
  }
}

export interface WriteOptions {
  method?: "POST" | "PUT" | "DELETE";
  params?: Params;
  /** Kept over repetitions of the same write. */
  key?: string;
}

export async function write<T>(path: string, body: unknown, options: WriteOptions = {}): Promise<T> {
  // A page that was opened afresh has not asked who is signed in yet.
  if (!csrf && !path.startsWith("/session") && path !== "/set-up") csrf = (await read<{ csrf: string }>("/session")).csrf;
  const form = body instanceof FormData;
  const headers: Record<string, string> = { accept: "application/json", "x-exposome-csrf": csrf };
  if (!form && body !== undefined) headers["content-type"] = "application/json";
  // An upload takes none: the same document again changes nothing.
  if (!form) headers["idempotency-key"] = options.key ?? writeKey();
  const response = await send(`${BASE}${path}${query(options.params ?? {})}`, {
    method: options.method ?? "POST",
    headers,
    body: form ? body : body === undefined ? undefined : JSON.stringify(body),
  });
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

export function writeKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function exportLink(path: string, params: Params): string {
  return `${BASE}${path}${query({ ...params, format: "csv" })}`;
}

export const LIVE = `${BASE}/live`;

async function send(url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { credentials: "same-origin", ...init });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiProblem({ type: "about:blank", title: "", status: 0, detail: "" });
  }
  if (response.ok) return response;
  // Whoever signs in again has another token; the next write asks for it.
  if (response.status === 401) csrf = "";
  throw new ApiProblem(await problemOf(response));
}

async function problemOf(response: Response): Promise<Problem> {
  const blank: Problem = { type: "about:blank", title: response.statusText, status: response.status, detail: "" };
  try {
    return { ...blank, ...((await response.json()) as Partial<Problem>), status: response.status };
  } catch {
    return blank;
  }
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("aborted", "AbortError"));
    });
  });
}
