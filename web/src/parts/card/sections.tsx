// The explanation of one exposure, in the order in which it is read: the reason
// in one sentence, the four inputs, likelihood, severity with a fact for each
// value, wires, what is not known.

import { type ReactNode, useState } from "react";
import type { Card, Wire } from "../../api/draft";
import { Go, vulnerabilityLink } from "../../app/Link";
import { text, words } from "../../messages";
import { EpssLine, IntervalBar, intervalWords } from "../charts/charts";
import { day, weekday } from "../dates";
import { Three, Unknown, VerdictWords } from "../marks/Chip";
import { Mark } from "../marks/Mark";
import { ordinal, probability } from "../numbers";
import "./card.css";

const t = text.exposure;

function sentence(because: string): string {
  const first = because.charAt(0).toUpperCase() + because.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

/** The reason in one sentence, the policy row, and the way to check it by hand. */
export function Because({ card, open = false }: { card: Card; open?: boolean }) {
  const [byHand, setByHand] = useState(open);
  const { decision } = card;
  return (
    <section>
      <p className="reading card-because">
        {sentence(decision.because)} {decision.outcome === "defer" && <b>{t.wiresComeBack}</b>}
      </p>
      <p className="faint small">
        {t.policyRow(decision.row)} {decision.raised && t.raised} {decision.awaits_signature && t.awaits} {decision.clock_days !== null && `${capital(t.clock(decision.clock_days, decision.directive_days ?? null))}. `}
        <button type="button" className="btn-link btn small no-print" aria-expanded={byHand} onClick={() => setByHand(!byHand)}>
          {byHand ? t.hideHand : t.byHand}
        </button>
      </p>
      {byHand && <Inputs card={card} />}
    </section>
  );
}

function inputName(name: string): string {
  const names: Record<string, unknown> = t.input;
  return typeof names[name] === "string" ? (names[name] as string) : name;
}

export function Inputs({ card }: { card: Card }) {
  return (
    <table className="plain card-inputs">
      <caption className="unseen">{t.derivation}</caption>
      <thead>
        <tr>
          <th scope="col">{t.derivationColumns.input}</th>
          <th scope="col">{t.derivationColumns.value}</th>
          <th scope="col">{t.derivationColumns.rule}</th>
        </tr>
      </thead>
      <tbody>
        {card.decision.inputs.map((it) => (
          <tr key={it.name}>
            <td>{inputName(it.name)}</td>
            <td>{it.value === null ? <Unknown /> : <b>{it.value.replaceAll("_", " ")}</b>}</td>
            <td className="quiet">
              {it.value === null && it.may_be.length > 0 && t.mayBe(it.may_be.map((may) => may.replaceAll("_", " ")).join(", "))}
              {it.fact_to_settle && ` ${t.settles(it.fact_to_settle)}`}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The four inputs as cells: severity, likelihood, exploited, harm. */
export function Cells({ card }: { card: Card }) {
  const full = card.severity.full ?? card.severity.environmental;
  const published = card.severity.published;
  return (
    <dl className="cells">
      <div>
        <dt>{t.cells.severity}</dt>
        <dd>
          {full ? (
            <>
              <b className="figures">{words.interval.range(full.low, full.high)}</b> {words.severity(full.high)} <span className="faint">CVSS-BTE</span>
            </>
          ) : published ? (
            <b className="figures">{published.score}</b>
          ) : (
            <Unknown />
          )}
          <span className="faint small">{published ? t.cells.published(published.score, `CVSS ${published.version}`) : t.cells.noScore}</span>
        </dd>
      </div>
      <div>
        <dt>{t.cells.likelihood}</dt>
        <dd>
          {card.epss ? (
            <>
              <b className="figures">{probability(card.epss.probability)}</b> <span className="faint">EPSS</span>
              <span className="faint small">{t.cells.percentile(ordinal(card.epss.percentile), day(card.epss.date))}</span>
            </>
          ) : (
            <>
              <Unknown />
              <span className="faint small">{t.cells.noEpss}</span>
            </>
          )}
        </dd>
      </div>
      <div>
        <dt>{t.cells.exploited}</dt>
        <dd>
          <b>
            <Three value={card.kev !== null} />
          </b>
          <span className="faint small">{card.kev ? t.cells.since(day(card.kev.added)) : t.cells.notListed}</span>
        </dd>
      </div>
      <div>
        <dt>{t.cells.harm}</dt>
        <dd>
          {card.asset.harm === null ? <Unknown /> : <b>{capital(words.harm[card.asset.harm] ?? "")}</b>}
          <span className="faint small">{card.asset.category ?? ""}</span>
        </dd>
      </div>
    </dl>
  );
}

function capital(it: string): string {
  return it.charAt(0).toUpperCase() + it.slice(1);
}

/** EPSS with its wire, beside what it means on the ward. */
export function Likelihood({ card }: { card: Card }) {
  const wire = card.deferral?.wires.find((it) => it.wire.startsWith("EPSS"));
  const limit = /0\.\d+/.exec(wire?.limit ?? "")?.[0] ?? null;
  return (
    <div className="card-columns">
      {card.epss && card.epss.history.length > 1 && (
        <section>
          <h3>{t.epss(card.vulnerability)}</h3>
          <EpssLine history={card.epss.history} wire={limit} />
        </section>
      )}
      <section>
        <h3>{t.ward}</h3>
        <p>
          {[card.asset.title, card.asset.unit].filter(Boolean).join(", ")}. {card.asset.harm === null ? "" : `${capital(words.harm[card.asset.harm] ?? "")}.`}
        </p>
        <p className="quiet">{card.asset.gated ? t.wardGated : t.wardFree}</p>
        {card.kev && (
          <p className="quiet">
            {card.kev.ransomware ? `${capital(words.ransomware)}. ` : ""}
            {card.kev.action}
          </p>
        )}
      </section>
    </div>
  );
}

/** CVSS v4.0 as an interval where something is not known, a reason and a fact for each value that is not the default. */
export function Severity({ card }: { card: Card }) {
  const { published, environmental, full, vector, metrics } = card.severity;
  if (!published && !environmental) return null;
  return (
    <section>
      <h3>{t.severityTitle}</h3>
      <div className="stack gap4 card-intervals">
        {published && (
          <p>
            <span className="interval-name">{t.published}</span>{" "}
            <b className="figures">{published.score}</b>{" "}
            <span className="faint">
              CVSS {published.version}, {published.publisher}
            </span>
          </p>
        )}
        {full && (
          <p>
            <IntervalBar value={full} name={t.intervalFull} /> {full.derived && <span className="faint">{words.interval.derived}</span>}
          </p>
        )}
        {environmental && (
          <p>
            <IntervalBar value={environmental} name={t.intervalHere} /> {environmental.derived && <span className="faint">{words.interval.derived}</span>}
          </p>
        )}
        {full && full.policy_line !== null && (
          <p className="faint small">
            {capital(words.interval.line(full.policy_line))}; {intervalWords(full)}.
            {full.derived && published ? ` ${capital(t.derivedFrom(published.version))}.` : ""}
          </p>
        )}
      </div>
      {(vector ?? published?.vector) && <p className="mono card-vector">{vector ?? published?.vector}</p>}
      {metrics.length > 0 && (
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{t.metric}</th>
              <th scope="col">{t.because_}</th>
              <th scope="col">{t.fact}</th>
            </tr>
          </thead>
          <tbody>
            {metrics.map((it) => (
              <tr key={it.metric}>
                <td className="mono card-metric">
                  {it.metric}
                  {it.value ? `:${it.value}` : ""}
                </td>
                <td>{it.value === null && !it.because ? <Unknown /> : capital(it.because ?? "")}</td>
                <td className="card-facts">
                  <Facts rule={it.rule} facts={it.facts} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

/** The rule that set a metric; the facts that it asked about open below it. */
function Facts({ rule, facts }: { rule: string | null; facts: string[] }) {
  const name = <span className="mono">{rule ?? words.none}</span>;
  if (facts.length === 0) return name;
  return (
    <details>
      <summary>
        {name} <span className="faint small">{words.count.facts(facts.length)}</span>
      </summary>
      {facts.map((it) => (
        <span key={it} className="mono faint small card-line">
          {it}
        </span>
      ))}
    </details>
  );
}

/** Wires with now, limit and age. */
export function Wires({ card }: { card: Card }) {
  const { deferral } = card;
  if (!deferral) return null;
  const blind = deferral.wires.filter((it) => !it.evaluable).length;
  const tripped = deferral.wires.filter((it) => it.tripped).length;
  return (
    <section>
      <h3>
        {t.wires} <span className="card-beside">{t.wiresBeside(tripped, deferral.wires.length - blind, blind)}</span>
      </h3>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">{t.wire.name}</th>
            <th scope="col">{t.wire.now}</th>
            <th scope="col">{t.wire.trips}</th>
            <th scope="col" className="num">
              {t.wire.asOf}
            </th>
          </tr>
        </thead>
        <tbody>
          {deferral.wires.map((it) => (
            <WireRow key={it.wire} wire={it} />
          ))}
        </tbody>
      </table>
      <p className="faint small card-after">{t.deferredBy([deferral.by, deferral.second].filter(Boolean).join(", "), weekday(deferral.at), deferral.reason)}</p>
    </section>
  );
}

function figure(value: string): string {
  return /^0\.\d{3,}$/.test(value) ? probability(value) : value.replace(/0\.\d{3,}/, (it) => probability(it));
}

function WireRow({ wire }: { wire: Wire }) {
  return (
    <tr>
      <td>
        <span className="three">
          <Mark name={!wire.evaluable ? "not_evaluable" : wire.tripped ? "yes" : "no"} words={!wire.evaluable ? words.three.unknown : wire.tripped ? t.wire.tripped : words.three.no} />
          <span>{wire.wire}</span>
        </span>
      </td>
      <td>{wire.evaluable ? wire.now === null ? words.none : figure(wire.now) : <b>{t.wire.blind}</b>}</td>
      <td className="quiet">{figure(wire.limit)}</td>
      <td className="num quiet">{wire.as_of ? day(wire.as_of) : wire.age_days === null ? words.none : words.age.old(wire.age_days, null)}</td>
    </tr>
  );
}

/** What is not known, and whether it matters. */
export function NotKnown({ card }: { card: Card }) {
  const facts = [...new Set([...(card.missing_fact ? [card.missing_fact] : []), ...card.decision.unsettled])];
  if (facts.length === 0) return null;
  const matters = card.decision.unsettled.length > 0;
  return (
    <section className="notes hatched card-not-known">
      <Mark name="not_evaluable" />
      <p className="said">
        <b>{t.notKnown}</b> {facts.join("; ")}. {matters ? t.decisionHangs : t.decisionSame}
      </p>
    </section>
  );
}

export function Evidence({ card }: { card: Card }) {
  return (
    <section>
      <h3>
        {t.evidence} <span className="card-beside">{t.confidence(words.confidence[card.confidence])}</span>
      </h3>
      <p>
        <VerdictWords value={card.verdict} fact={card.missing_fact} />{" "}
        <span className="quiet">
          {card.component} · {card.fixed_in ? t.fixedIn(card.fixed_in) : t.noFix}
        </span>
      </p>
      {card.evidence.length > 0 && (
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{t.evidenceColumns.document}</th>
              <th scope="col">{t.evidenceColumns.says}</th>
            </tr>
          </thead>
          <tbody>
            {card.evidence.map((it) => (
              <tr key={`${it.document} ${it.because}`}>
                <td>
                  {it.document}
                  <span className="faint small card-line">{it.publisher}</span>
                </td>
                <td className="quiet">{capital(it.because)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

export function World({ card }: { card: Card }) {
  const lines: ReactNode[] = [
    ...card.exploits.map((it) => (
      <li key={it.name}>
        <span className="mono">{it.name}</span> <span className="faint">{it.published ? day(it.published) : ""}</span>
      </li>
    )),
    ...card.deployer.map((it) => (
      <li key={it} className="faint">
        {t.deployer(it)}
      </li>
    )),
  ];
  if (lines.length === 0) return null;
  return (
    <section>
      <h3>{t.exploits}</h3>
      <ul className="stack gap4">{lines}</ul>
      <p className="card-after">
        <Go to={vulnerabilityLink(card.vulnerability)}>{card.vulnerability}</Go> <span className="quiet">{card.title}</span>
      </p>
    </section>
  );
}
