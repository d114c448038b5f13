// Can I trust this without you?

import { useState } from "react";
import type { Verify as Answer } from "../../api/draft";
import { useRead } from "../../api/queries";
import { text, words } from "../../messages";
import { day, wholeMoment } from "../../parts/dates";
import { Head, Part } from "../../parts/Head";
import { Chip } from "../../parts/marks/Chip";
import { count } from "../../parts/numbers";
import { Shown } from "../../parts/states";
import "./audit.css";

const t = text.audit.verify;

export default function Verify() {
  const answer = useRead<Answer>("/audit/verify");
  const [copied, setCopied] = useState("");
  return (
    <Shown of={answer} what={t.name}>
      {(it) => (
        <>
          <Head title={it.sentence.words} name={t.name} />
          <div className="page verify">
            <Part title={t.checkpoint}>
              <dl className="facts box pad">
                <dt>{t.entry}</dt>
                <dd className="figures">{count(it.checkpoint.entry)}</dd>
                <dt>{t.digest}</dt>
                <dd className="mono">{it.checkpoint.digest ?? words.none}</dd>
                <dt>{t.signed}</dt>
                <dd>{wholeMoment(it.checkpoint.signed_at)}</dd>
                <dt>{t.key}</dt>
                <dd className="mono">{it.checkpoint.key ?? words.none}</dd>
              </dl>
            </Part>
            <Part title={t.how}>
              <ol className="verify-steps">
                {it.steps.map((step, index) => (
                  <li key={step.command}>
                    <span className="verify-number">{index + 1}</span>
                    <span>
                      {step.words}
                      <span className="verify-command">
                        <code className="mono">{step.command}</code>
                        <button type="button" className="btn no-print" onClick={() => void navigator.clipboard?.writeText(step.command).then(() => setCopied(step.command))}>
                          {copied === step.command ? words.copied : t.copy}
                        </button>
                      </span>
                    </span>
                  </li>
                ))}
              </ol>
            </Part>
            <Part title={t.lastOutside}>
              {it.last_outside ? (
                <p className="row wrap">
                  {it.last_outside.holds ? (
                    <Chip kind="verified" mark="verified">
                      {t.held}
                    </Chip>
                  ) : (
                    <Chip kind="lapsed" mark="lapsed">
                      {t.broke}
                    </Chip>
                  )}
                  {t.outside(it.last_outside.by, day(it.last_outside.at), it.last_outside.entry)}
                </p>
              ) : (
                <p className="quiet">{t.never}</p>
              )}
            </Part>
          </div>
        </>
      )}
    </Shown>
  );
}
