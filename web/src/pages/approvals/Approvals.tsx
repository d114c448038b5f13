// What waits for a signature: a list, then one form.

import type { Approval, Page } from "../../api/draft";
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

export default function Approvals() {
  const answer = useRead<Page<Approval>>("/approvals");
  return (
    <Shown of={answer} what={t.name}>
      {({ rows }) => (
        <>
          <Head title={t.title(rows.length)} name={t.name} detail={rows.length === 0 ? t.none : undefined} />
          <div className="page">
            <div className="stack gap12 approvals">
              {rows.map((it) => (
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
      )}
    </Shown>
  );
}
