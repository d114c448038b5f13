// Words of the board's page and of the auditor's.

import { count } from "../../../parts/numbers";

export const board = {
  name: "Board",
  for: (date: string) => `For the board, ${date}`,
  decide: "Decide:",
  noDecision: "No decision needed.",
  cannot: "not measured",
  open: "open the rows",
  print: "Print on one page",
} as const;

export const audit = {
  title: "Audit log",
  beside: (entries: number) => `${count(entries)} entries`,
  holds: (to: number, time: string) => `Chain holds to entry ${count(to)}, checked ${time}`,
  broken: (to: number) => `The chain is broken after entry ${count(to)}`,
  label: "Entries, newest first",
  decision: (number: number) => `decision ${number}`,
  column: { entry: "Entry", at: "When", by: "Who", what: "What, and why", proof: "Proof" },
  filterBy: "Who",
  filterWhat: "What",
  any: "any",
  verify: {
    name: "Verify",
    holds: (to: number) => `The log holds from its first entry to ${count(to)}.`,
    broken: (why: string) => `The log does not hold: ${why}`,
    checkpoint: "Checkpoint",
    entry: "Entry",
    digest: "Digest",
    signed: "Signed",
    key: "Key",
    how: "How to check it without us",
    lastOutside: "Last check from outside",
    never: "Nobody outside has checked it yet.",
    outside: (by: string, date: string, entry: number) => `${by}, ${date}, to entry ${count(entry)}`,
    held: "It held",
    broke: "It did not hold",
    copy: "Copy",
  },
} as const;
