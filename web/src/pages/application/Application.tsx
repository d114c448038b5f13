// What does the record system hang on?  Parts in layers, the weakest first.

import type { ApplicationPage, ApplicationPart, Decision } from "../../api/draft";
import { useRead } from "../../api/queries";
import { assetLink, Go } from "../../app/Link";
import { useParts } from "../../app/place";
import { text, words } from "../../messages";
import { day } from "../../parts/dates";
import { Head, Part } from "../../parts/Head";
import { Chip, DecisionChip } from "../../parts/marks/Chip";
import { count } from "../../parts/numbers";
import { Shown } from "../../parts/states";
import "./application.css";

const t = text.application;
const LAYERS = ["users", "application", "interface", "database", "backup", "hosted"] as const;
const RANK: Record<string, number> = { act_now: 0, schedule: 1, unseen: 2, not_evaluable: 3, defer: 4, monitor: 5, nothing_known: 6, not_affected: 7 };

export default function Application() {
  const { name = "" } = useParts("/applications/$name");
  const answer = useRead<ApplicationPage>(`/applications/${encodeURIComponent(name)}`);
  return (
    <Shown of={answer} what={name}>
      {(it) => (
        <div className="two-columns">
          <div className="column">
            <Head crumbs={<Go to="/applications">{t.list.title}</Go>} title={it.sentence.words} name={it.name} detail={it.name} />
            <div className="page">
              {LAYERS.map((layer) => {
                const parts = it.parts.filter((part) => part.layer === layer).sort((a, b) => (RANK[a.state] ?? 9) - (RANK[b.state] ?? 9));
                return parts.length === 0 ? null : (
                  <Part key={layer} title={t.layer[layer]} beside={words.count.parts(parts.length)}>
                    <div className="box">
                      {parts.map((part) => (
                        <PartRow key={part.part} part={part} />
                      ))}
                    </div>
                  </Part>
                );
              })}
            </div>
          </div>
          <aside className="side" aria-label={t.facts}>
            <Part title={t.facts}>
              <dl className="stack gap12">
                <div>
                  <dt className="faint">{t.owner}</dt>
                  <dd>{it.owner ?? words.notKnown}</dd>
                </div>
                <div>
                  <dt className="faint">{t.managed}</dt>
                  <dd>{it.managed_by ?? words.notKnown}</dd>
                </div>
                <div>
                  <dt className="faint">{t.data}</dt>
                  <dd className="row wrap">
                    {it.data_classes.map((one) => (
                      <Chip key={one} kind="hair">
                        {one}
                      </Chip>
                    ))}
                  </dd>
                </div>
                <div>
                  <dt className="faint">{t.downtime}</dt>
                  <dd>
                    {it.downtime ? (
                      <>
                        {it.downtime.procedure}
                        <span className="faint card-line">{it.downtime.drilled_hours !== null && it.downtime.drilled_on ? t.drilled(it.downtime.drilled_hours, day(it.downtime.drilled_on)) : t.never}</span>
                      </>
                    ) : (
                      t.noProcedure
                    )}
                  </dd>
                </div>
              </dl>
            </Part>
          </aside>
        </div>
      )}
    </Shown>
  );
}

function PartRow({ part }: { part: ApplicationPart }) {
  return (
    <div className={`box-row app-part${part.state === "unseen" ? " hatched" : ""}`}>
      <span className="app-state">
        {part.state === "nothing_known" ? <Chip kind="hair">{t.nothing}</Chip> : part.state === "unseen" ? <Chip kind="not_evaluable" mark="not_evaluable">{t.unseen}</Chip> : <DecisionChip value={part.state as Decision} />}
      </span>
      <span className="act-words">
        <b>{part.asset ? <Go to={assetLink(part.asset)}>{part.part}</Go> : part.part}</b>
        <span className="quiet">{part.because ?? t.nothing}</span>
      </span>
      <span className="faint small app-counts figures">
        {part.state === "unseen" ? words.notKnown : `${t.column.affected} ${count(part.affected)} · ${t.column.possibly} ${count(part.possibly)} · ${t.column.components} ${count(part.components)}`}
      </span>
    </div>
  );
}
