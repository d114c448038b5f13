// Why is this here?  The panel as a page: with the derivation open, the window as
// one time line and the history.  Prints on one sheet, for the hand calculation.

import { IconPrinter } from "@tabler/icons-react";
import { useState } from "react";
import type { Card } from "../../api/draft";
import { useRead } from "../../api/queries";
import { useAddress, useParts } from "../../app/place";
import { assetLink, Go, vulnerabilityLink } from "../../app/Link";
import { useMayDecide } from "../../app/person";
import { text, words } from "../../messages";
import { Because, Cells, Evidence, Likelihood, NotKnown, Severity, Wires, World } from "../../parts/card/sections";
import { DeferStep, NotAffectedStep, WakeStep } from "../../parts/card/steps";
import { day, weekday, when } from "../../parts/dates";
import { Head } from "../../parts/Head";
import { useKeys } from "../../parts/keys";
import { Chip, DecisionChip, Gate } from "../../parts/marks/Chip";
import { Mark } from "../../parts/marks/Mark";
import { Shown } from "../../parts/states";
import "./exposure.css";

const t = text.exposure;

export default function Exposure() {
  const { asset = "", vulnerability = "" } = useParts("/assets/$asset/exposures/$vulnerability");
  const [search] = useAddress();
  const card = useRead<Card>(`/assets/${encodeURIComponent(asset)}/exposures/${encodeURIComponent(vulnerability)}`, { component: search["component"] });
  return (
    <Shown of={card} what={t.name}>
      {(it) => <Page card={it} />}
    </Shown>
  );
}

function Page({ card }: { card: Card }) {
  const mayDecide = useMayDecide();
  const [step, setStep] = useState<"defer" | "not" | "wake" | null>(null);
  const [said, setSaid] = useState("");
  const { asset, decision, deferral } = card;
  useKeys(
    mayDecide
      ? [
          { key: "d", words: text.worklist.keys.decide, run: () => setStep("defer") },
          { key: "n", words: text.worklist.keys.not, run: () => setStep("not") },
          ...(deferral ? [{ key: "w", words: text.worklist.keys.wake, run: () => setStep("wake") }] : []),
        ]
      : [],
  );
  const due = decision.due;
  return (
    <div className="exposure">
      <Head
        name={`${asset.title}, ${card.vulnerability}`}
        crumbs={
          <>
            <Go to={assetLink(asset.id)}>{asset.title}</Go> / <Go to={vulnerabilityLink(card.vulnerability)}>{card.vulnerability}</Go>
          </>
        }
        title={card.title ?? card.vulnerability}
        beside={`${asset.title} · ${card.component}`}
        actions={
          <>
            <button type="button" className="btn" onClick={() => window.print()}>
              <IconPrinter size={16} stroke={1.75} aria-hidden /> {words.print}
            </button>
            {mayDecide && deferral && (
              <button type="button" className="btn" onClick={() => setStep("wake")}>
                {text.worklist.act.wake} <kbd>W</kbd>
              </button>
            )}
            {mayDecide && (
              <>
                <button type="button" className="btn" onClick={() => setStep("not")}>
                  {text.worklist.act.not} <kbd>N</kbd>
                </button>
                <button type="button" className="btn btn-filled" onClick={() => setStep("defer")}>
                  {text.worklist.act.decide} <kbd>D</kbd>
                </button>
              </>
            )}
          </>
        }
      >
        <div className="row wrap exposure-chips">
          <DecisionChip value={decision.outcome} />
          {due && <Chip kind="hair">{decision.outcome === "defer" ? text.worklist.panel.review(day(due)) : text.worklist.panel.due(day(due))}</Chip>}
          {asset.gated && <Gate said={words.gateApplies} />}
        </div>
        {said && (
          <p className="notes" role="status">
            {said}
          </p>
        )}
      </Head>
      <div className="page exposure-body" data-keys>
        <div className="exposure-main">
          <h2 className="unseen">{t.explanation}</h2>
          <Because card={card} open />
          <Cells card={card} />
          <Severity card={card} />
          <Wires card={card} />
          <NotKnown card={card} />
          <Evidence card={card} />
        </div>
        <div className="exposure-side">
          <h2 className="unseen">{t.around}</h2>
          <Likelihood card={card} />
          <Window card={card} />
          <World card={card} />
          <section>
            <h3>{t.history}</h3>
            <ul className="happened">
              {card.history.map((it) => (
                <li key={it.at}>
                  <span className={`tone tone-${it.to ?? "not_affected"}`}>
                    <Mark name={it.to ?? "not_affected"} />
                  </span>
                  <span>
                    <b>{it.to ? words.decision[it.to] : t.gone}</b> {it.from && <span className="quiet">({words.decision[it.from].toLowerCase()})</span>}
                    <span className="faint small card-line">
                      {when(it.at)} · {it.because}
                    </span>
                  </span>
                </li>
              ))}
            </ul>
          </section>
          {card.decisions.length > 0 && (
            <section>
              <h3>{t.decisions}</h3>
              <ul className="happened">
                {card.decisions.map((it) => (
                  <li key={it.number}>
                    <Mark name={it.holds ? "seat_signed" : "seat_empty"} />
                    <span>
                      {it.words}
                      <span className="faint small card-line">
                        {weekday(it.at)} · {it.by} · {it.reason}
                      </span>
                    </span>
                  </li>
                ))}
              </ul>
            </section>
          )}
        </div>
      </div>
      {step === "defer" && (
        <DeferStep
          subjects={[{ title: asset.title, devices: 1, kev: card.kev !== null, gated: asset.gated }]}
          close={() => setStep(null)}
          done={setSaid}
          make={(wires, reason) => [{ command: "defer", on: { vulnerability: card.vulnerability, asset: asset.id, component: card.component }, wires, reason }]}
        />
      )}
      {step === "not" && <NotAffectedStep flaw={card.vulnerability} asset={asset.id} device={asset.title} component={card.component} gated={asset.gated} close={() => setStep(null)} done={setSaid} />}
      {step === "wake" && deferral && <WakeStep title={asset.title} number={deferral.number} close={() => setStep(null)} done={setSaid} />}
    </div>
  );
}

const STEPS = ["disclosed", "known_to_us", "exploitable", "mitigated", "fixed", "verified"] as const;

/** Disclosed, known to us, exploitable, mitigated, fixed, verified: one line. */
function Window({ card }: { card: Card }) {
  return (
    <section>
      <h3>{t.window}</h3>
      <ol className="window">
        {STEPS.map((it) => {
          const at = card.window[it];
          return (
            <li key={it} data-known={at ? "" : undefined}>
              <span>{t.windowSteps[it]}</span>
              <span className="faint small">{at ? day(at) : t.windowNot}</span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
