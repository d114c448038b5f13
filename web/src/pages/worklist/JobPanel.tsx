// The chosen job, with the full explanation of its most urgent exposure.

import { useState } from "react";
import type { Card, JobDetail } from "../../api/draft";
import { useRead } from "../../api/queries";
import { assetLink, exposureLink, Go, vulnerabilityLink } from "../../app/Link";
import { useMayDecide } from "../../app/person";
import { text, words } from "../../messages";
import { Because, Cells, Evidence, Likelihood, NotKnown, Severity, Wires, World } from "../../parts/card/sections";
import { AssignStep, DeferStep, NotAffectedStep, WakeStep } from "../../parts/card/steps";
import { day } from "../../parts/dates";
import { useKeys } from "../../parts/keys";
import { Chip, DecisionChip, Gate } from "../../parts/marks/Chip";
import { count } from "../../parts/numbers";
import { Panel } from "../../parts/Panel";
import { Loading, Trouble } from "../../parts/states";
import { Owner } from "../../parts/Who";

const t = text.worklist;

export function JobPanel({ id, close, say }: { id: string; close: () => void; say: (words: string) => void }) {
  const job = useRead<JobDetail>(`/worklist/${encodeURIComponent(id)}`);
  const detail = job.data?.id === id ? job.data : undefined;
  const lead = detail?.exposures_by_vulnerability[0];
  const card = useRead<Card>(lead ? `/assets/${encodeURIComponent(lead.first_asset)}/exposures/${encodeURIComponent(lead.vulnerability)}` : null, { component: lead?.component });
  const mayDecide = useMayDecide();
  const [step, setStep] = useState<"defer" | "wake" | "not" | "assign" | null>(null);
  const deferral = card.data?.deferral ?? null;
  useKeys(
    mayDecide
      ? [
          { key: "d", words: t.keys.decide, run: () => setStep("defer") },
          { key: "a", words: t.keys.assign, run: () => setStep("assign") },
          ...(deferral ? [{ key: "w", words: t.keys.wake, run: () => setStep("wake") }] : []),
          { key: "n", words: t.keys.not, run: () => setStep("not") },
          { key: "e", words: t.keys.evidence, run: () => document.getElementById("evidence")?.scrollIntoView({ block: "start" }) },
        ]
      : [{ key: "e", words: t.keys.evidence, run: () => document.getElementById("evidence")?.scrollIntoView({ block: "start" }) }],
    Boolean(detail),
  );

  if (!detail) {
    return (
      <Panel label={t.panel.label} title={job.error ? id : ""} close={close} of={id}>
        {job.error ? <Trouble problem={job.error} what={t.panel.label} retry={() => void job.refetch()} /> : <Loading what={t.panel.label} />}
      </Panel>
    );
  }
  const facts = (card.data?.severity.metrics.flatMap((it) => it.facts).length ?? 0) + (card.data?.evidence.length ?? 0);
  const units = detail.units.map((it) => it.value ?? words.noUnit);
  const date = detail.due ? (detail.decision === "defer" ? t.panel.review(day(detail.due)) : detail.overdue ? t.panel.overdue(day(detail.due)) : t.panel.due(day(detail.due))) : null;
  const shut = () => setStep(null);
  return (
    <Panel
      label={t.panel.label}
      of={id}
      above={t.panel.above(detail.id, words.count.devices(detail.devices), units.length <= 2 ? units.join(", ") : `${units.slice(0, 2).join(", ")}, …`)}
      title={detail.title}
      page={lead ? exposureLink(lead.first_asset, lead.vulnerability) : undefined}
      close={close}
      chips={
        <>
          <DecisionChip value={detail.decision} />
          {date && <Chip kind="hair">{date}</Chip>}
          {detail.gated && <Gate said={words.gateApplies} />}
          <span className="push row">
            <Owner name={detail.owner} /> <span className="quiet">{detail.owner ?? words.unassigned}</span>
          </span>
        </>
      }
      actions={
        mayDecide && (
          <>
            <button type="button" className="btn btn-filled" onClick={() => setStep("defer")}>
              {t.act.decide} <kbd>D</kbd>
            </button>
            {deferral && (
              <button type="button" className="btn" onClick={() => setStep("wake")}>
                {t.act.wake} <kbd>W</kbd>
              </button>
            )}
            <button type="button" className="btn" onClick={() => setStep("assign")}>
              {t.act.assign} <kbd>A</kbd>
            </button>
            <button type="button" className="btn" onClick={() => setStep("not")}>
              {t.act.not} <kbd>N</kbd>
            </button>
            {facts > 0 && (
              <span className="push row faint">
                {t.act.facts(facts)} <kbd>E</kbd>
              </span>
            )}
          </>
        )
      }
    >
      {card.data ? (
        <>
          <Because card={card.data} />
          <Cells card={card.data} />
          <Likelihood card={card.data} />
          <Severity card={card.data} />
          <Wires card={card.data} />
          <NotKnown card={card.data} />
          <div id="evidence">
            <Evidence card={card.data} />
          </div>
          <World card={card.data} />
        </>
      ) : card.error ? (
        <p className="reading">{detail.because}</p>
      ) : (
        <Loading what={t.panel.label} />
      )}
      {detail.exposures_by_vulnerability.length > 1 && (
        <section>
          <h3>
            {t.panel.flaws} <span className="card-beside">{count(detail.vulnerabilities.count)}</span>
          </h3>
          <table className="plain">
            <tbody>
              {detail.exposures_by_vulnerability.slice(0, 12).map((it) => (
                <tr key={it.vulnerability}>
                  <td>
                    <Go to={vulnerabilityLink(it.vulnerability)}>{it.vulnerability}</Go>
                  </td>
                  <td className="quiet">{it.title ?? ""}</td>
                  <td className="num">{words.count.exposures(it.exposures)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      <section>
        <h3>
          {t.panel.devices} <span className="card-beside">{words.count.devices(detail.devices)}</span>
        </h3>
        <ul className="where-list">
          {detail.assets.rows.slice(0, 16).map((it) => (
            <li key={it.id}>
              <Go to={assetLink(it.id)}>{it.title}</Go> <span className="faint small">{it.id}</span>
            </li>
          ))}
        </ul>
        {detail.devices > 16 && <p className="faint">{t.panel.devicesMore(detail.devices - 16)}</p>}
      </section>
      {step === "defer" && (
        <DeferStep subjects={[detail]} close={shut} done={say} make={(wires, reason) => detail.exposures_by_vulnerability.map((it) => ({ command: "defer", on: { vulnerability: it.vulnerability, product: it.component }, wires, reason }))} />
      )}
      {step === "wake" && deferral && <WakeStep title={detail.title} number={deferral.number} close={shut} done={say} />}
      {step === "not" && lead && card.data && (
        <NotAffectedStep flaw={lead.vulnerability} asset={lead.first_asset} device={card.data.asset.title} component={lead.component} gated={card.data.asset.gated} close={shut} done={say} />
      )}
      {step === "assign" && <AssignStep jobs={[detail]} close={shut} done={say} />}
    </Panel>
  );
}
