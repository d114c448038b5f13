// The marks: our own, 16 by 16, each with a shape of its own, so that it
// survives grey print, colour blindness and a screen reader.  A mark never
// stands without a word: either the word is beside it, or `words` is given.

import type { ReactNode } from "react";

export type MarkName =
  | "act_now"
  | "schedule"
  | "defer"
  | "monitor"
  | "not_affected"
  | "not_evaluable"
  | "woke"
  | "yes"
  | "no"
  | "claimed"
  | "verified"
  | "lapsed"
  | "stale"
  | "lock"
  | "lock_open"
  | "seat_empty"
  | "seat_signed"
  | "tick"
  | "failed"
  | "offline"
  | "past"
  | "next";

const DASHED_RING = <circle cx="8" cy="8" r="6.2" strokeDasharray="2.1 1.8" />;
const QUESTION = (
  <>
    <path d="M6.4 6.5a1.7 1.7 0 1 1 2.5 1.5c-.6.3-.9.6-.9 1.2" />
    <circle cx="8" cy="11.1" r=".85" fill="currentColor" stroke="none" />
  </>
);

const SHAPES: Record<MarkName, ReactNode> = {
  act_now: (
    <>
      <path d="M5.2 1h5.6L15 5.2v5.6L10.8 15H5.2L1 10.8V5.2z" fill="currentColor" stroke="none" />
      <path className="mark-cut" d="M8 4.2v4.6" strokeWidth="2" />
      <circle className="mark-cut-dot" cx="8" cy="11.5" r="1.15" stroke="none" />
    </>
  ),
  schedule: (
    <>
      <circle cx="8" cy="8" r="6.2" />
      <path d="M8 4.4V8l2.4 1.6" />
    </>
  ),
  defer: <path d="M13.6 10.2A6.3 6.3 0 0 1 5.8 2.4a6.3 6.3 0 1 0 7.8 7.8z" fill="currentColor" stroke="none" />,
  monitor: (
    <>
      <circle cx="8" cy="8" r="6.2" />
      <circle cx="8" cy="8" r="2.2" fill="currentColor" stroke="none" />
    </>
  ),
  not_affected: (
    <>
      <circle cx="8" cy="8" r="6.2" />
      <path d="m3.8 12.2 8.4-8.4" />
    </>
  ),
  not_evaluable: (
    <>
      {DASHED_RING}
      {QUESTION}
    </>
  ),
  woke: <path d="M9.4 1 3.4 9.2h3.8L6.4 15l6.2-8.4H8.7z" fill="currentColor" stroke="none" />,
  yes: <circle cx="8" cy="8" r="5.4" fill="currentColor" stroke="none" />,
  no: <circle cx="8" cy="8" r="4.7" strokeWidth="1.8" />,
  claimed: (
    <>
      {DASHED_RING}
      <path d="m5.4 8.2 1.9 1.9 3.4-3.8" />
    </>
  ),
  verified: (
    <>
      <path
        d="m8 .9 1.7 1.3 2.1-.3.9 2 2 .9-.3 2.1L15.7 8l-1.3 1.7.3 2.1-2 .9-.9 2-2.1-.3L8 15.7l-1.7-1.3-2.1.3-.9-2-2-.9.3-2.1L.3 8l1.3-1.7-.3-2.1 2-.9.9-2 2.1.3z"
        fill="currentColor"
        stroke="none"
      />
      <path className="mark-cut" d="m5.1 8.2 2 2 3.8-4.2" strokeWidth="1.8" />
    </>
  ),
  lapsed: (
    <>
      {DASHED_RING}
      <path d="m5.4 8.2 1.9 1.9 3.4-3.8" />
      <path d="m2 14 12-12" strokeWidth="1.8" />
    </>
  ),
  stale: (
    <>
      <path d="M8.6 14.2A6.2 6.2 0 1 1 14.1 7" />
      <path d="M8 4.6V8l1.8 1.2" />
      <path d="M13 9.6v2.4" strokeWidth="1.6" />
      <circle cx="13" cy="14.2" r=".9" fill="currentColor" stroke="none" />
    </>
  ),
  lock: (
    <>
      <rect x="3" y="7" width="10" height="7.4" rx="1.4" />
      <path d="M5.2 7V5a2.8 2.8 0 0 1 5.6 0v2" />
      <circle cx="8" cy="10.7" r=".9" fill="currentColor" stroke="none" />
    </>
  ),
  lock_open: (
    <>
      <rect x="3" y="7" width="10" height="7.4" rx="1.4" />
      <path d="M5.2 7V4.6a2.8 2.8 0 0 1 5.4-1" />
      <circle cx="8" cy="10.7" r=".9" fill="currentColor" stroke="none" />
    </>
  ),
  seat_empty: <rect x="2.8" y="2.8" width="10.4" height="10.4" rx="1.6" strokeDasharray="2.6 2.2" />,
  seat_signed: (
    <>
      <rect x="2" y="2" width="12" height="12" rx="1.8" fill="currentColor" stroke="none" />
      <path className="mark-cut" d="m5 8.2 2.1 2.1L11 5.8" strokeWidth="1.8" />
    </>
  ),
  tick: <path d="m2.8 8.6 3.4 3.5 7-8" strokeWidth="1.8" />,
  failed: (
    <>
      <circle cx="8" cy="8" r="6.2" />
      <path d="M8 4.6v4" />
      <circle cx="8" cy="11.2" r=".85" fill="currentColor" stroke="none" />
    </>
  ),
  offline: (
    <>
      <path d="M2 6.2a9 9 0 0 1 2.6-1.6M8 4c2.3 0 4.4.8 6 2.2M4.3 8.7A5.6 5.6 0 0 1 6.6 7.4M9.7 7.5c.8.3 1.4.7 2 1.2M6.4 11a2.6 2.6 0 0 1 3.2 0" />
      <circle cx="8" cy="13" r="1" fill="currentColor" stroke="none" />
      <path d="m2 2 12 12" />
    </>
  ),
  next: <path d="M2.5 8h11M9.3 3.8 13.5 8l-4.2 4.2" strokeWidth="1.6" />,
  past: (
    <>
      <path d="M2.2 5.4A6.3 6.3 0 1 1 1.8 9" />
      <path d="M2 2.4v3.2h3.2M8 4.8V8l2.2 1.4" />
    </>
  ),
};

export function Mark({ name, words, size = 16 }: { name: MarkName; words?: string; size?: number }) {
  return (
    <svg
      className={`mark mark-${name}`}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      role={words ? "img" : undefined}
      aria-label={words}
      aria-hidden={words ? undefined : true}
    >
      {SHAPES[name]}
    </svg>
  );
}
