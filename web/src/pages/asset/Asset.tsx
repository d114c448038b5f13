// What is this thing, is it safe to touch, and how do we know?

import { IconPrinter } from "@tabler/icons-react";
import { useState } from "react";
import { write } from "../../api/client";
import type { AssetPage, ExposureRow } from "../../api/draft";
import { client, useRead } from "../../api/queries";
import { useAddress, useParts } from "../../app/place";
import { exposureLink, Go, vulnerabilityLink } from "../../app/Link";
import { useMayDecide } from "../../app/person";
import { text, words } from "../../messages";
import { SupportBars } from "../../parts/charts/charts";
import { day, when, weekday } from "../../parts/dates";
import { Due } from "../../parts/Due";
import { Head, Pane, Part, Tabs } from "../../parts/Head";
import { Chip, DecisionChip, DecisionMark, Gate, Proof, Three, Unknown } from "../../parts/marks/Chip";
import { Mark } from "../../parts/marks/Mark";
import { Step } from "../../parts/Step";
import { Shown } from "../../parts/states";
import "../exposure/exposure.css";
import "./asset.css";

const t = text.asset;
type Tab = "overview" | "exposures" | "components" | "findings" | "decisions" | "history";

export default function Asset() {
  const { asset = "" } = useParts("/assets/$asset");
  const answer = useRead<AssetPage>(`/assets/${encodeURIComponent(asset)}`);
  return (
    <Shown of={answer} what={t.crumbs}>
      {(it) => <Page asset={it} />}
    </Shown>
  );
}

function Page({ asset }: { asset: AssetPage }) {
  const [search, change] = useAddress();
  const tab = (search["tab"] ?? "overview") as Tab;
  const [step, setStep] = useState<{ kind: "settle"; attribute: string } | { kind: "report" } | null>(null);
  const [said, setSaid] = useState("");
  const mayDecide = useMayDecide();
  const act = asset.exposures.filter((it) => it.decision === "act_now").length;
  const first = asset.exposures[0];
  return (
    <>
      <div className="asset-head">
        <Head
          name={asset.title}
          crumbs={
            <>
              <Go to="/inventory">{t.crumbs}</Go>
              {asset.unit && (
                <>
                  {" / "}
                  <Go to="/inventory" search={{ filter: `unit == "${asset.unit}"` }}>
                    {asset.unit}
                  </Go>
                </>
              )}
              {asset.location && ` / ${asset.location}`}
            </>
          }
          title={asset.title}
          beside={[[asset.maker, asset.model].filter(Boolean).join(" "), t.number(asset.id)].filter(Boolean).join(" · ")}
          actions={
            <>
              <button type="button" className="btn" onClick={() => window.print()}>
                <IconPrinter size={16} stroke={1.75} aria-hidden /> {t.label}
              </button>
              {mayDecide && (
                <button type="button" className="btn" onClick={() => setStep({ kind: "report" })}>
                  {t.report}
                </button>
              )}
              {first && (
                <Go to={exposureLink(asset.id, first.vulnerability)} className="btn btn-filled">
                  {t.next}
                </Go>
              )}
            </>
          }
        >
          <div className="row wrap exposure-chips">
            {act > 0 ? (
              <Chip kind="act_now" mark="act_now">
                {t.actNow(act)}
              </Chip>
            ) : first ? (
              <DecisionChip value={first.decision} />
            ) : (
              <Chip kind="hair">{t.nothingOpen}</Chip>
            )}
            <Chip kind="outline">{capital(asset.safety.harm_words)}</Chip>
            {asset.gated && <Gate said={words.gateApplies} />}
            <Chip kind="hair">{asset.safety.discovery}</Chip>
            {asset.not_seen_since && <Chip kind="stale" mark="stale">{t.notSeen(day(asset.not_seen_since))}</Chip>}
          </div>
          {said && (
            <p className="notes asset-said" role="status">
              {said}
            </p>
          )}
        </Head>
        <Tabs
          label={t.tabs.label}
          at={tab}
          set={(key) => change({ tab: key === "overview" ? undefined : key })}
          tabs={[
            { key: "overview", words: t.tabs.overview },
            { key: "exposures", words: t.tabs.exposures, count: asset.exposures.length },
            { key: "components", words: t.tabs.components, count: asset.components.length },
            { key: "findings", words: t.tabs.findings, count: asset.findings.length },
            { key: "decisions", words: t.tabs.decisions, count: asset.decisions.length },
            { key: "history", words: t.tabs.history },
          ]}
        />
      </div>
      <Pane name={tab} className="asset-pane">
        {tab === "overview" && <Overview asset={asset} settle={(attribute) => setStep({ kind: "settle", attribute })} mayDecide={mayDecide} />}
        {tab === "exposures" && <div className="pane"><Exposures asset={asset} /></div>}
        {tab === "components" && <div className="pane"><Components asset={asset} /></div>}
        {tab === "findings" && <div className="pane"><Findings asset={asset} /></div>}
        {tab === "decisions" && <div className="pane"><Decisions asset={asset} /></div>}
        {tab === "history" && <div className="pane"><History asset={asset} /></div>}
      </Pane>
      {step?.kind === "settle" && <SettleStep asset={asset} attribute={step.attribute} close={() => setStep(null)} done={setSaid} />}
      {step?.kind === "report" && (
        <Step
          title={t.reportStep.title}
          consequence={<p>{t.reportStep.consequence}</p>}
          verb={t.reportStep.verb}
          close={() => setStep(null)}
          run={async (reason, key) => {
            await write("/decisions", { command: "report", asset: asset.id, reason }, { key });
            setSaid(t.reportStep.verb);
          }}
        />
      )}
    </>
  );
}

function capital(it: string): string {
  return it.charAt(0).toUpperCase() + it.slice(1);
}

function Overview({ asset, settle, mayDecide }: { asset: AssetPage; settle: (attribute: string) => void; mayDecide: boolean }) {
  const look = asset.safety.discovery;
  return (
    <div className="two-columns asset-columns">
      <div className="column asset-main">
        <Part title={t.what}>
          <div className="scroll-x">
            <table className="plain asset-facts">
              <thead>
                <tr>
                  <th scope="col">{t.column.attribute}</th>
                  <th scope="col">{t.column.value}</th>
                  <th scope="col">{t.column.source}</th>
                  <th scope="col">{t.column.observed}</th>
                  <th scope="col" className="num">
                    {t.column.certainty}
                  </th>
                </tr>
              </thead>
              <tbody>
                {asset.attributes.map(({ attribute, values, missing }) => {
                  const held = values.find((it) => it.holds) ?? values[0];
                  const others = values.filter((it) => it !== held);
                  return (
                    <tr key={attribute}>
                      <th scope="row">{t.attribute[attribute] ?? capital(attribute)}</th>
                      {held ? (
                        <>
                          <td>
                            <b>{held.value}</b> {others.length > 0 && <Chip kind="dashed">{t.disagree(values.length)}</Chip>}
                            {others.map((it) => (
                              <span key={`${it.source} ${it.value}`} className="faint small card-line">
                                {t.other(it.source, it.value, day(it.observed_at))}{" "}
                                {mayDecide && (
                                  <button type="button" className="btn-link btn small" onClick={() => settle(attribute)}>
                                    {t.settle}
                                  </button>
                                )}
                              </span>
                            ))}
                          </td>
                          <td className="quiet">{held.source}</td>
                          <td className="quiet">{day(held.observed_at)}</td>
                          <td className="num">{held.certainty ? words.certainty[held.certainty] : words.none}</td>
                        </>
                      ) : (
                        <>
                          <td>
                            <Unknown />
                            {missing && <span className="faint small card-line">{t.missing(missing.source, missing.settles)}</span>}
                          </td>
                          <td className="quiet">{t.none}</td>
                          <td className="quiet">{words.none}</td>
                          <td className="num">{words.none}</td>
                        </>
                      )}
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </div>
        </Part>
        <Part title={t.reach}>
          <p className="reading">{asset.reach.value === null ? <Unknown needs={asset.reach.because} /> : <b>{words.exposure[asset.reach.value]}</b>}</p>
          {asset.reach.value !== null && (
            <p className="faint">
              {capital(asset.reach.because)}
              {asset.reach.source ? ` · ${asset.reach.source}` : ""}
            </p>
          )}
        </Part>
        {asset.components.length > 0 && (
          <Part title={t.support} beside={t.supportBeside}>
            <SupportBars parts={asset.components.slice(0, 8)} />
          </Part>
        )}
        <Part title={t.look}>
          <div className="card-columns">
            <p>
              <b>{t.listening}</b> {t.always}
            </p>
            <p>
              <b>{t.asking}</b> <span className="quiet">{look.charAt(0).toLowerCase() + look.slice(1)}</span>
            </p>
          </div>
        </Part>
        {asset.identity.joins.length > 0 && (
          <Part title={t.identity}>
            <dl className="facts">
              {asset.identity.joins.map((it) => (
                <div key={it.key} className="keys-row">
                  <dt>{capital(it.kind)}</dt>
                  <dd className="mono">{it.key}</dd>
                </div>
              ))}
              {asset.identity.demoted.map((it) => (
                <div key={it.key} className="keys-row">
                  <dt>{capital(it.kind)}</dt>
                  <dd className="faint">
                    <span className="mono">{it.key}</span> {it.because}
                  </dd>
                </div>
              ))}
            </dl>
          </Part>
        )}
      </div>
      <aside className="side" aria-label={t.open}>
        <Part title={t.open}>
          {asset.exposures.length === 0 && <p className="quiet">{t.noExposures}</p>}
          <ul className="stack gap8">
            {asset.exposures.slice(0, 4).map((it) => (
              <OpenOne key={`${it.vulnerability} ${it.component}`} exposure={it} />
            ))}
          </ul>
        </Part>
        <Part title={t.protects}>
          {asset.controls.length === 0 && <p className="quiet">{t.noControls}</p>}
          <ul>
            {asset.controls.map((it) => (
              <li key={it.words} className="spread asset-control">
                <span>{it.words}</span>
                <Proof state={it.state} at={it.at} until={it.state === "verified" ? it.until : null} />
              </li>
            ))}
          </ul>
        </Part>
        <Part title={t.happened}>
          <ul className="happened">
            {asset.history.slice(0, 5).map((it) => (
              <li key={`${it.at} ${it.words}`}>
                <Mark name={it.kind === "decision" ? "seat_signed" : it.kind === "transition" ? "woke" : "tick"} />
                <span>
                  <b>{it.words}</b>
                  <span className="faint small card-line">
                    {when(it.at)} · {it.detail}
                  </span>
                </span>
              </li>
            ))}
          </ul>
        </Part>
      </aside>
    </div>
  );
}

function OpenOne({ exposure }: { exposure: ExposureRow }) {
  return (
    <li>
      <Go to={exposureLink(exposure.asset.id, exposure.vulnerability)} className={`box asset-open${exposure.decision === "not_evaluable" ? " hatched" : ""}`}>
        <span className="spread">
          <DecisionChip value={exposure.decision} />
          <b className="asset-due">{exposure.due ? <Due at={exposure.due} overdue={exposure.overdue} /> : ""}</b>
        </span>
        <b>{exposure.title ?? exposure.component}</b>
        <span className="quiet">{capital(exposure.because)}</span>
        <span className="faint small">{[exposure.vulnerability, exposure.component, exposure.version].filter(Boolean).join(" · ")}</span>
      </Go>
    </li>
  );
}

export function ExposureTable({ rows, subject }: { rows: ExposureRow[]; subject: "device" | "flaw" }) {
  const c = text.vulnerability.column;
  return (
    <div className="scroll-x">
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">
              <span className="unseen">{c.decision}</span>
            </th>
            <th scope="col">{subject === "device" ? c.device : text.vulnerability.list.flaw}</th>
            <th scope="col">{c.part}</th>
            <th scope="col">{c.why}</th>
            <th scope="col">{c.due}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((it) => (
            <tr key={`${it.asset.id} ${it.vulnerability} ${it.component}`}>
              <td>
                <DecisionMark value={it.decision} />
              </td>
              <td>
                <Go to={exposureLink(it.asset.id, it.vulnerability)}>{subject === "device" ? it.asset.title : it.vulnerability}</Go>
                <span className="faint small card-line">{subject === "device" ? `${it.asset.unit ?? words.noUnit} · ${it.asset.id}` : (it.title ?? "")}</span>
              </td>
              <td>
                {it.component} {it.version}
                {it.version === null && <Unknown needs="version" />}
              </td>
              <td className="quiet">{capital(it.because)}</td>
              <td>
                <Due at={it.due} overdue={it.overdue} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Exposures({ asset }: { asset: AssetPage }) {
  return asset.exposures.length === 0 ? <p className="reading">{t.noExposures}</p> : <ExposureTable rows={asset.exposures} subject="flaw" />;
}

function Components({ asset }: { asset: AssetPage }) {
  if (asset.components.length === 0) return <p className="reading">{t.noComponents}</p>;
  const c = t.componentColumn;
  return (
    <table className="plain">
      <thead>
        <tr>
          <th scope="col">{c.part}</th>
          <th scope="col">{c.kind}</th>
          <th scope="col">{c.version}</th>
          <th scope="col">{c.support}</th>
          <th scope="col" className="num">
            {c.exposures}
          </th>
        </tr>
      </thead>
      <tbody>
        {asset.components.map((it) => (
          <tr key={`${it.name} ${it.version}`}>
            <td>
              <b>{[it.vendor && !it.name.startsWith(it.vendor) ? it.vendor : null, it.name].filter(Boolean).join(" ")}</b>
              {(it.purl ?? it.cpe) && <span className="mono faint card-line">{it.purl ?? it.cpe}</span>}
            </td>
            <td className="quiet">{it.kind}</td>
            <td>{it.version ?? <Unknown />}</td>
            <td>
              {!it.support || it.support.state === "unknown" ? (
                <Unknown />
              ) : it.support.state === "ended" ? (
                <span className="support-ended">{words.supportEnded(it.support.until ? day(it.support.until) : null)}</span>
              ) : (
                words.supported(it.support.until ? day(it.support.until) : null)
              )}
            </td>
            <td className="num">{it.exposures}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Findings({ asset }: { asset: AssetPage }) {
  if (asset.findings.length === 0) return <p className="reading">{t.noFindings}</p>;
  const c = t.findingColumn;
  return (
    <table className="plain">
      <thead>
        <tr>
          {[c.scanner, c.flaw, c.says, c.agrees, c.because, c.at].map((it) => (
            <th key={it} scope="col">
              {it}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {asset.findings.map((it) => (
          <tr key={`${it.scanner} ${it.vulnerability}`}>
            <td>{it.scanner}</td>
            <td>
              <Go to={vulnerabilityLink(it.vulnerability)}>{it.vulnerability}</Go>
            </td>
            <td>{it.says}</td>
            <td>
              <Three value={it.agrees} />
            </td>
            <td className="quiet">{it.because}</td>
            <td className="quiet">{it.at ? day(it.at) : words.none}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Decisions({ asset }: { asset: AssetPage }) {
  if (asset.decisions.length === 0) return <p className="reading">{t.noDecisions}</p>;
  return (
    <ul className="happened">
      {asset.decisions.map((it) => (
        <li key={it.number}>
          <Mark name={it.holds ? "seat_signed" : "seat_empty"} />
          <span>
            <b>{it.words}</b>
            <span className="faint small card-line">
              {weekday(it.at)} · {it.by} {it.second ? text.decisions.second(it.second) : ""} · {it.reason}
            </span>
          </span>
        </li>
      ))}
    </ul>
  );
}

function History({ asset }: { asset: AssetPage }) {
  return (
    <ul className="happened">
      {asset.history.map((it) => (
        <li key={`${it.at} ${it.words}`}>
          <Mark name={it.kind === "decision" ? "seat_signed" : it.kind === "transition" ? "woke" : "tick"} />
          <span>
            <b>{it.words}</b>
            <span className="faint small card-line">
              {when(it.at)} · {it.detail}
            </span>
          </span>
        </li>
      ))}
    </ul>
  );
}

function SettleStep({ asset, attribute, close, done }: { asset: AssetPage; attribute: string; close: () => void; done: (words: string) => void }) {
  const values = asset.attributes.find((it) => it.attribute === attribute)?.values ?? [];
  const [chosen, setChosen] = useState<string | null>(null);
  return (
    <Step
      title={t.settleStep.title(t.attribute[attribute] ?? attribute)}
      consequence={<p>{t.settleStep.consequence}</p>}
      verb={t.settleStep.verb}
      close={close}
      ready={chosen !== null}
      run={async (reason, key) => {
        await write("/decisions", { command: "settle", asset: asset.id, attribute, value: chosen, reason }, { key });
        await client.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("/assets") });
        done(t.settleStep.verb);
      }}
    >
      <fieldset className="stack gap8">
        <legend className="unseen">{t.attribute[attribute] ?? attribute}</legend>
        {values.map((it) => (
          <label key={`${it.source} ${it.value}`} className="tick">
            <input type="radio" name="settle" checked={chosen === it.value} onChange={() => setChosen(it.value)} />
            <span>
              <b>{it.value}</b> <span className="faint">{`${it.source}, ${day(it.observed_at)}`}</span>
            </span>
          </label>
        ))}
      </fieldset>
    </Step>
  );
}
