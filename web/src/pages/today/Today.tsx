// What must I do before anything else?  The sentence, then what cannot wait, what
// woke, what is due soon; beside it what changed and why, and what nobody sees.

import type { Change, Job, Today as Answer, Woke } from "../../api/draft";
import { useRead } from "../../api/queries";
import { assetLink, changeLink, Go } from "../../app/Link";
import { go } from "../../app/place";
import { text, words } from "../../messages";
import { Line } from "../../parts/charts/charts";
import { time, weekday, when } from "../../parts/dates";
import { Clock } from "../../parts/Due";
import { Head, Part } from "../../parts/Head";
import { useKeys } from "../../parts/keys";
import { Age, Chip, DecisionChip, DecisionMark, Gate } from "../../parts/marks/Chip";
import { Mark } from "../../parts/marks/Mark";
import { count, percent } from "../../parts/numbers";
import { CannotSay, Done, Shown } from "../../parts/states";
import { Owner } from "../../parts/Who";
import "./today.css";

const t = text.today;
/** More than that and they are counted by fix. */
const SHOWN = 8;
/** The rest is a page of its own. */
const CHANGES = 4;

export default function Today() {
  const today = useRead<Answer>("/today");
  return (
    <Shown of={today} what={t.name} shape={<Shape />}>
      {(answer) => <Page answer={answer} />}
    </Shown>
  );
}

function Page({ answer }: { answer: Answer }) {
  const { act_now, blind } = answer;
  const unfit = blind.feeds.find((it) => (it.feed === "kev" || it.feed === "epss") && it.state !== "fresh");
  const first = act_now.rows[0];
  useKeys([
    ...rowKeys(),
    ...(first
      ? [{ key: "Enter", words: words.open, run: () => go("/worklist", { open: chosenRow() ?? first.id }) }]
      : []),
  ]);
  const total = blind.not_evaluable.assets + blind.not_evaluable.judged;
  const blindWords = t.blindWords(count(blind.not_evaluable.assets), count(total), percent(blind.not_evaluable.assets, total));
  return (
    <div className="two-columns today">
      <div className="column">
        <Head
          title={unfit ? t.cannotSay : answer.sentence.words}
          name={t.name}
          detail={unfit ? t.cannotSayWhy(unfit.title) : answer.detail}
          sources={answer.sources.join(" · ")}
        />
        <div className="page" data-keys>
          {unfit && (
            <CannotSay title={t.cannotSay} actions={<Go to="/feeds" className="btn">{t.openFeed}</Go>}>
              <p>{t.cannotSayWhy(unfit.title)}</p>
            </CannotSay>
          )}
          <Part
            title={t.actNow}
            beside={`${words.count.jobs(act_now.jobs)}, ${words.count.exposures(act_now.exposures)}`}
            action={<Go to="/worklist" search={{ filter: 'decision == "act_now"' }}>{t.openWorklist}</Go>}
          >
            <div className="box">
              {act_now.rows.length === 0 && !unfit && (
                <Done
                  title={answer.sentence.words}
                  links={
                    <>
                      <Go to="/worklist" search={{ filter: 'decision == "schedule"' }}>{t.seeScheduled}</Go>
                      <Go to="/worklist" search={{ filter: 'decision == "not_evaluable"' }}>{t.seeUnknown}</Go>
                    </>
                  }
                >
                  <p>
                    {t.quiet(count(blind.not_evaluable.judged), time(answer.as_of))} {t.quietUnknown(count(blind.not_evaluable.assets))}
                  </p>
                </Done>
              )}
              {act_now.rows.slice(0, SHOWN).map((job) => (
                <ActRow key={job.id} job={job} dense={act_now.jobs > SHOWN} />
              ))}
              {act_now.more > 0 && (
                <p className="box-row act-more">
                  <Go to="/worklist" search={{ filter: 'decision == "act_now"' }}>{t.more(act_now.more)}</Go>
                </p>
              )}
            </div>
          </Part>
          {answer.woke.length > 0 && (
            <Part title={t.woke} beside={answer.woke.length}>
              <div className="box">
                {answer.woke.map((it) => (
                  <WokeRow key={`${it.exposure.asset.id} ${it.exposure.vulnerability}`} woke={it} />
                ))}
              </div>
            </Part>
          )}
          {answer.due_soon.length > 0 && (
            <Part title={t.dueSoon} beside={answer.due_soon.length + answer.due_soon_more}>
              <div className="box">
                {answer.due_soon.map((job) => (
                  <Go key={job.id} to="/worklist" search={{ open: job.id }} className="box-row due-row">
                    <b>{job.due ? weekday(job.due) : ""}</b>
                    <span>{job.title}</span>
                    <span className="faint">{words.count.devices(job.devices)}</span>
                  </Go>
                ))}
                {answer.due_soon_more > 0 && (
                  <Go to="/worklist" search={{ filter: 'decision == "schedule"' }} className="box-row due-row">
                    <b />
                    <span>{t.moreDue(answer.due_soon_more)}</span>
                  </Go>
                )}
              </div>
            </Part>
          )}
        </div>
      </div>
      <aside className="side today-side" aria-label={t.changed}>
        {answer.changed.length > 0 && (
        <Part title={t.changed} action={answer.changed.length + answer.changed_more > CHANGES && <Go to="/changes">{t.allChanges}</Go>}>
          <ul className="changes">
            {answer.changed.slice(0, CHANGES).map((it) => (
              <ChangeRow key={`${it.at} ${it.vulnerability} ${it.component} ${it.from} ${it.to} ${it.reasons.join()}`} change={it} />
            ))}
          </ul>
        </Part>
        )}
        <Part title={t.blind}>
          <p className="reading">
            <b>{blindWords.strong}</b>
            {blindWords.rest}
          </p>
          <BlindBar unknown={blind.not_evaluable.assets} judged={blind.not_evaluable.judged} />
          <ul className="blind-reasons">
            {(blind.not_evaluable.reasons ?? []).map((it) => (
              <li key={it.words} className="spread">
                <span>{it.words}</span>
                <span className="figures">{count(it.assets)}</span>
              </li>
            ))}
          </ul>
          <ul className="stack gap8">
            {blind.feeds.map((it) => (
              <li key={it.feed} className="row">
                <Age days={it.age_days} missing={it.state === "missing"} />
                <span>{it.limit_days === null ? it.title : `${it.title}, limit ${words.count.days(it.limit_days)}`}</span>
              </li>
            ))}
            {(blind.subnets ?? []).map((it) => (
              <li key={it.subnet} className="three">
                <Mark name="not_evaluable" />
                <span>{t.subnet(it.subnet, it.words)}</span>
              </li>
            ))}
            {(blind.without_zone ?? 0) > 0 && (
              <li className="three">
                <Mark name="not_evaluable" />
                <span>{t.withoutZone(words.count.devices(blind.without_zone ?? 0))}</span>
              </li>
            )}
            {answer.dead_channels.map((it) => (
              <li key={it} className="three">
                <Mark name="failed" />
                <span>
                  <b>{t.deadChannels}</b> {t.deadWords(it)}
                </span>
              </li>
            ))}
          </ul>
        </Part>
        {answer.exposure_days && (
          <Part title={answer.exposure_days.title}>
            <p className="figure-line">
              <span className="figure">{count(lastValue(answer.exposure_days.points) ?? 0)}</span> <span className="quiet">{t.exposureDays}</span>
            </p>
            <Line series={answer.exposure_days} />
          </Part>
        )}
      </aside>
    </div>
  );
}

function lastValue(points: { value: number | null }[]): number | null {
  return points.findLast((it) => it.value !== null)?.value ?? null;
}

function ActRow({ job, dense }: { job: Job; dense: boolean }) {
  const details = [job.product, job.vulnerabilities.first[0], job.vulnerabilities.count > 1 ? text.worklist.more(job.vulnerabilities.count - 1) : null].filter(Boolean).join(" · ");
  return (
    <Go to="/worklist" search={{ open: job.id }} className={`box-row act-row${dense ? " act-dense" : ""}`}>
      <DecisionMark value={job.decision} />
      <span className="act-words">
        <b>{job.title}</b>
        {!dense && <span className="quiet">{sentence(job.because)}</span>}
        <span className="faint small">{dense ? `${sentence(job.because).replace(/\.$/, "")} · ${details}` : details}</span>
      </span>
      <Clock at={job.due} overdue={job.overdue} />
      <span className="act-state">{job.gated ? <Gate /> : job.owner === null ? <Chip>{t.unassigned}</Chip> : <span className="faint">{words.count.devices(job.devices)}</span>}</span>
      <Owner name={job.owner} />
    </Go>
  );
}

function sentence(because: string): string {
  const first = because.charAt(0).toUpperCase() + because.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

function WokeRow({ woke }: { woke: Woke }) {
  const { asset, decision, vulnerability } = woke.exposure;
  return (
    <Go to={`${assetLink(asset.id)}/exposures/${encodeURIComponent(vulnerability)}`} className="box-row woke-row">
      <span className={`tone tone-${decision}`}>
        <Mark name="woke" />
      </span>
      <span className="act-words">
        <span>
          <b>{asset.title}</b>
          <span className="quiet">{t.wokeNow(words.decision[decision])}</span>
        </span>
        <span className="faint small">{woke.at ? t.tripped(woke.because, when(woke.at)) : t.trippedBare(woke.because)}</span>
      </span>
      <DecisionChip value={decision} />
    </Go>
  );
}

function ChangeRow({ change }: { change: Change }) {
  return (
    <li>
      <Go to={changeLink(change)} className="change">
        <span className="faint figures">{when(change.at)}</span>
        <span>
          <span className="change-cause">{change.reasons.join("; ")}</span>
          <span className="faint small">
            {t.moved(change.component, change.vulnerability, change.from, change.to, words.count.devices(change.devices))}
          </span>
        </span>
      </Go>
    </li>
  );
}

function BlindBar({ unknown, judged }: { unknown: number; judged: number }) {
  const share = judged / Math.max(1, judged + unknown);
  return (
    <div className="blind-bar" aria-hidden="true">
      <span className="blind-known" ref={(it) => it?.style.setProperty("flex-grow", String(share))} />
      <span className="blind-unknown hatched" ref={(it) => it?.style.setProperty("flex-grow", String(1 - share))} />
    </div>
  );
}

/** J and K go through the rows, which are links. */
function rowKeys() {
  const go = (by: number) => {
    const all = [...document.querySelectorAll<HTMLElement>("a.box-row")];
    const at = all.indexOf(document.activeElement as HTMLElement);
    all[Math.max(0, Math.min(all.length - 1, at + by))]?.focus();
  };
  return [
    { key: "j", words: text.table.next, run: () => go(1) },
    { key: "k", words: text.table.previous, run: () => go(-1) },
    { key: "ArrowDown", words: text.table.next, run: () => go(1) },
    { key: "ArrowUp", words: text.table.previous, run: () => go(-1) },
  ];
}

function chosenRow(): string | null {
  const href = (document.activeElement as HTMLAnchorElement | null)?.href;
  return href ? new URL(href).searchParams.get("open") : null;
}

function Shape() {
  return (
    <div className="two-columns">
      <div className="pad stack gap16">
        <span className="skeleton-bar today-shape-title" />
        {[0, 1, 2, 3].map((it) => (
          <span key={it} className="skeleton-bar today-shape-row" />
        ))}
      </div>
      <div className="side" />
    </div>
  );
}

