// One exposure in the side panel: the same explanation as on its page.

import { useState } from "react";
import type { Card } from "../../api/draft";
import { useRead } from "../../api/queries";
import { exposureLink } from "../../app/Link";
import { useMayDecide } from "../../app/person";
import { text, words } from "../../messages";
import { Because, Cells, Evidence, Likelihood, NotKnown, Severity, Wires, World } from "../../parts/card/sections";
import { DeferStep, NotAffectedStep } from "../../parts/card/steps";
import { day } from "../../parts/dates";
import { useKeys } from "../../parts/keys";
import { Chip, DecisionChip, Gate } from "../../parts/marks/Chip";
import { Panel } from "../../parts/Panel";
import { Loading, Trouble } from "../../parts/states";

const t = text.worklist;

export function ExposurePanel({ of, close, say }: { of: string; close: () => void; say: (words: string) => void }) {
  const [asset = "", vulnerability = "", ...rest] = of.split("/");
  const component = rest.join("/");
  const card = useRead<Card>(`/assets/${encodeURIComponent(asset)}/exposures/${encodeURIComponent(vulnerability)}`, { component });
  const mayDecide = useMayDecide();
  const [step, setStep] = useState<"defer" | "not" | null>(null);
  const it = card.data?.vulnerability === vulnerability ? card.data : undefined;
  useKeys(
    mayDecide
      ? [
          { key: "d", words: t.keys.decide, run: () => setStep("defer") },
          { key: "n", words: t.keys.not, run: () => setStep("not") },
        ]
      : [],
    Boolean(it),
  );
  if (!it) {
    return (
      <Panel label={t.panel.label} title={vulnerability} close={close} of={of}>
        {card.error ? <Trouble problem={card.error} what={vulnerability} retry={() => void card.refetch()} /> : <Loading what={vulnerability} />}
      </Panel>
    );
  }
  const due = it.decision.due;
  return (
    <Panel
      label={t.panel.label}
      of={of}
      above={[it.vulnerability, it.component, it.asset.unit].filter(Boolean).join(" · ")}
      title={it.asset.title}
      page={exposureLink(asset, vulnerability, component)}
      close={close}
      chips={
        <>
          <DecisionChip value={it.decision.outcome} />
          {due && <Chip kind="hair">{it.decision.outcome === "defer" ? t.panel.review(day(due)) : t.panel.due(day(due))}</Chip>}
          {it.asset.gated && <Gate said={words.gateApplies} />}
        </>
      }
      actions={
        mayDecide && (
          <>
            <button type="button" className="btn btn-filled" onClick={() => setStep("defer")}>
              {t.act.decide} <kbd>D</kbd>
            </button>
            <button type="button" className="btn" onClick={() => setStep("not")}>
              {t.act.not} <kbd>N</kbd>
            </button>
          </>
        )
      }
    >
      <Because card={it} />
      <Cells card={it} />
      <Likelihood card={it} />
      <Severity card={it} />
      <Wires card={it} />
      <NotKnown card={it} />
      <Evidence card={it} />
      <World card={it} />
      {step === "defer" && (
        <DeferStep
          subjects={[{ title: it.asset.title, devices: 1, kev: it.kev !== null, gated: it.asset.gated }]}
          close={() => setStep(null)}
          done={say}
          make={(wires, reason) => [{ command: "defer", on: { vulnerability, asset, component }, wires, reason }]}
        />
      )}
      {step === "not" && <NotAffectedStep flaw={vulnerability} asset={asset} device={it.asset.title} component={component} gated={it.asset.gated} close={() => setStep(null)} done={say} />}
    </Panel>
  );
}
