// What changes while a page is open.  Nothing moves under the hand: a change is
// counted and marked; the order changes when the person asks for it.

import { useEffect, useSyncExternalStore } from "react";
import { LIVE, setWork } from "../api/client";
import type { Changed } from "../api/draft";

interface State {
  /** Grows with every change that was told. */
  changes: number;
  last: Changed | null;
  /** Since when the server has not answered; null: it answers. */
  lostAt: string | null;
  retryAt: number | null;
}

let state: State = { changes: 0, last: null, lostAt: null, retryAt: null };
const listeners = new Set<() => void>();

function set(change: Partial<State>): void {
  state = { ...state, ...change };
  for (const listener of listeners) listener();
}

export function useLiveState(): State {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
  );
}

/** The browser asks again by itself after about so long. */
const BY_ITSELF_MS = 3_000;
const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 15_000];

/** Listens as long as somebody is signed in and looks at now. */
export function useLive(on: boolean): void {
  useEffect(() => {
    if (!on || typeof EventSource === "undefined") return;
    let source: EventSource | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let failures = 0;
    const changed = (last: Changed | null) => set({ changes: state.changes + 1, last });
    const open = () => {
      source = new EventSource(LIVE);
      source.onopen = () => {
        // What was told while nobody listened has been missed: look again.
        if (state.lostAt) changed(null);
        failures = 0;
        set({ lostAt: null, retryAt: null });
      };
      source.addEventListener("changed", (event) => changed(JSON.parse(event.data as string) as Changed));
      source.addEventListener("lost", () => changed(null));
      source.addEventListener("building", (event) => {
        const { step, done, of } = JSON.parse(event.data as string) as { step: string; done: number; of: number | null };
        setWork(of !== null && done >= of ? null : { key: "building", step, done, of }, "building");
      });
      source.onerror = () => {
        // While it is connecting the browser tries by itself and resumes where it was; what is closed is opened anew.
        const closed = source?.readyState === EventSource.CLOSED;
        const wait = closed ? (RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? 15_000) : BY_ITSELF_MS;
        failures += 1;
        // One lost line is normal; two are said.
        set({ lostAt: failures > 1 ? (state.lostAt ?? new Date().toISOString()) : state.lostAt, retryAt: Date.now() + wait });
        if (!closed) return;
        source?.close();
        timer = setTimeout(open, wait);
      };
    };
    open();
    return () => {
      clearTimeout(timer);
      source?.close();
      set({ lostAt: null, retryAt: null });
    };
  }, [on]);
}
