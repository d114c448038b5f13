// What waits for a signature: a list, then one form.

import type { Approval, DecisionRecord, Page } from "../../api/draft";
import { useRead } from "../../api/queries";
import { Go } from "../../app/Link";
import { text } from "../../messages";
import { weekday, when } from "../../parts/dates";
import { Head } from "../../parts/Head";
import { Gate } from "../../parts/marks/Chip";
import { Shown } from "../../parts/states";
import "./approvals.css";

const t = text.approvals;

export function seatsTaken(of: Approval): 0 | 1 | 2 {
  return Math.min(2, of.seats.filter((it) => it.by !== null).length) as 0 | 1 | 2;
}

/** A decision that waits, as a question; what nobody wrote for the clinician stays the record's own words. */
export function approvalOf(it: DecisionRecord & Partial<Approval>): Approval {
  return {
    number: it.number,
    question: it.question ?? it.words,
    detail: it.detail ?? t.waitsFor(it.waits_for ?? ""),
    asset: typeof it.asset === "object" ? it.asset : null,
    asked_by: it.asked_by ?? it.by,
    at: it.at,
    answer_by: it.answer_by ?? null,
    seats: it.seats ?? [
      { seat: t.asker, by: it.by, at: it.at },
      { seat: it.waits_for ?? t.second, by: it.second, at: null },
    ],
    if_nothing: it.if_nothing ?? null,
    if_done: it.if_done ?? null,
    reason: it.reason,
    changed_since: it.changed_since ?? null,
    command: it.command,
    subject: it.subject,
  };
}

export default function Approvals() {
  const answer = useRead<Page<DecisionRecord & Partial<Approval>>>("/decisions", { waiting: true });
  return (
    <Shown of={answer} what={t.name}>
      {({ rows }) => {
        const open = rows.map(approvalOf);
        return (
        <>
          <Head title={t.title(open.length)} name={t.name} detail={open.length === 0 ? t.none : undefined} />
          <div className="page">
            <div className="stack gap12 approvals">
              {open.map((it) => (
                <Go key={it.number} to={`/approvals/${it.number}`} className="box approval-row">
                  <b className="approval-question">{it.question}</b>
                  <span className="quiet">{it.detail}</span>
                  <span className="row wrap gap12">
                    <Gate signed={seatsTaken(it)} />
                    <span className="faint">{t.askedBy(it.asked_by, when(it.at))}</span>
                    {it.answer_by && <span>{t.by(weekday(it.answer_by))}</span>}
                  </span>
                </Go>
              ))}
            </div>
          </div>
        </>
        );
      }}
    </Shown>
  );
}
