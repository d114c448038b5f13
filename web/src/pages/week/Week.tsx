// Biomed's start: jobs by unit, in the hospital's nouns; no flaw numbers.

import type { Biomed, Job } from "../../api/draft";
import { useRead } from "../../api/queries";
import { Go } from "../../app/Link";
import { text, words } from "../../messages";
import { Clock } from "../../parts/Due";
import { Head, Part } from "../../parts/Head";
import { useKeys } from "../../parts/keys";
import { DecisionMark, Gate } from "../../parts/marks/Chip";
import { Done, Shown } from "../../parts/states";
import "./week.css";

const t = text.week;

export default function Week() {
  const answer = useRead<Biomed>("/biomed");
  const step = (by: number) => {
    const all = [...document.querySelectorAll<HTMLElement>("a.box-row")];
    const at = all.indexOf(document.activeElement as HTMLElement);
    all[Math.max(0, Math.min(all.length - 1, at + by))]?.focus();
  };
  useKeys([
    { key: "j", words: text.table.next, run: () => step(1) },
    { key: "k", words: text.table.previous, run: () => step(-1) },
  ]);
  return (
    <Shown of={answer} what={t.name}>
      {(it) => (
        <>
          <Head title={it.sentence.words} name={t.name} />
          <div className="page week">
            {it.units.length === 0 && <Done title={t.none} />}
            {it.units.map((unit) => (
              <Part
                key={unit.unit ?? ""}
                title={t.unit(unit.unit)}
                beside={words.count.jobs(unit.jobs.length)}
                action={unit.unit && <Go to="/jobs" search={{ filter: `unit == "${unit.unit}"` }}>{t.all}</Go>}
              >
                <div className="box">
                  {unit.jobs.map((job) => (
                    <WeekRow key={job.id} job={job} />
                  ))}
                </div>
              </Part>
            ))}
          </div>
        </>
      )}
    </Shown>
  );
}

function WeekRow({ job }: { job: Job & { places: string[] } }) {
  const why = job.action.kind === "find_out" && job.action.fact ? text.worklist.needs(job.action.fact) : job.kev ? t.exploited : t.flaw;
  return (
    <Go to="/jobs" search={{ open: job.id }} className="box-row week-row">
      <DecisionMark value={job.decision} />
      <span className="act-words">
        <b>{job.title}</b>
        <span className="faint small">
          {why} · {job.places.length > 0 ? t.where(job.places.join(", ")) : words.notKnown}
          {job.devices > job.places.length && job.places.length > 0 ? ", …" : ""}
        </span>
      </span>
      <span className="quiet">{words.count.devices(job.devices)}</span>
      <span>{job.gated && <Gate said={t.gate} />}</span>
      <Clock at={job.due} overdue={job.overdue} />
    </Go>
  );
}
