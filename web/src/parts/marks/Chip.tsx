// Chips: a mark and its word.  Only act now, break-glass and nothing else are filled.

import type { ReactNode } from "react";
import type { Decision, Verdict } from "../../api/draft";
import { words } from "../../messages";
import { day } from "../dates";
import { Mark, type MarkName } from "./Mark";
import "./marks.css";

export function Chip({ kind = "outline", mark, children, title }: { kind?: string; mark?: MarkName; children: ReactNode; title?: string }) {
  return (
    <span className={`chip chip-${kind}`} title={title}>
      {mark && <Mark name={mark} />}
      <span className="chip-words">{children}</span>
    </span>
  );
}

/** A decision with its mark, its word and its box. */
export function DecisionChip({ value, after }: { value: Decision; after?: string }) {
  return (
    <Chip kind={value} mark={value}>
      {words.decision[value]}
      {after}
    </Chip>
  );
}

/** A decision as a bare mark, for the narrow column of a list; the word is for those who do not see it. */
export function DecisionMark({ value }: { value: Decision }) {
  return (
    <span className={`tone tone-${value}`}>
      <Mark name={value} words={words.decision[value]} />
    </span>
  );
}

/** Yes, no, not evaluable: black and white, because yes may be good or bad. */
export function Three({ value, children }: { value: boolean | null; children?: ReactNode }) {
  const mark: MarkName = value === null ? "not_evaluable" : value ? "yes" : "no";
  const word = value === null ? words.three.unknown : value ? words.three.yes : words.three.no;
  return (
    <span className="three">
      <Mark name={mark} words={children ? word : undefined} />
      <span>{children ?? word}</span>
    </span>
  );
}

export function VerdictWords({ value, fact }: { value: Verdict; fact?: string | null }) {
  const mark: MarkName = value === "affected" ? "yes" : value === "possibly" ? "not_evaluable" : "no";
  return (
    <span className="three">
      <Mark name={mark} />
      <span>
        {words.verdict[value]}
        {fact ? words.verdict.needs(fact) : ""}
      </span>
    </span>
  );
}

/** Said by someone, shown by another source, or no longer true. */
export function Proof({ state, at, until }: { state: "claimed" | "verified" | "lapsed"; at: string | null; until?: string | null }) {
  return (
    <Chip kind={state} mark={state}>
      {words.proof[state](at ? day(at) : null, until ? day(until) : null)}
    </Chip>
  );
}

/** The clinical gate: a lock and two seats. */
export function Gate({ signed = 0, until, said }: { signed?: 0 | 1 | 2; until?: string | null; said?: string }) {
  return (
    <Chip kind="gate" mark={signed === 2 ? "lock_open" : "lock"}>
      <span className="seats">
        <Mark name={signed > 0 ? "seat_signed" : "seat_empty"} size={12} />
        <Mark name={signed > 1 ? "seat_signed" : "seat_empty"} size={12} />
        <span>{said ?? words.gate(signed, until ? day(until) : null)}</span>
      </span>
    </Chip>
  );
}

/** How old, against how old it may be. */
export function Age({ days, limit, missing }: { days: number | null; limit?: number | null; missing?: boolean }) {
  return (
    <Chip kind="stale" mark="stale">
      {missing || days === null ? words.age.missing : words.age.old(days, limit ?? null)}
    </Chip>
  );
}

/** "Not evaluable, needs: version". */
export function Unknown({ needs }: { needs?: string | null }) {
  return (
    <span className="three">
      <Mark name="not_evaluable" />
      <span>{needs ? words.three.needs(needs) : words.three.unknown}</span>
    </span>
  );
}
