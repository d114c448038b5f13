// May we do this to this device, then?  A question in the clinician's words, what
// happens either way, two questions without a preselected answer, two seats.
// Changed since it was read: the page says what changed and clears the answers.

import { useEffect, useRef, useState } from "react";
import { write } from "../../api/client";
import type { Approval as One, DecisionRecord, Page } from "../../api/draft";
import { client, useRead } from "../../api/queries";
import { assetLink, Go } from "../../app/Link";
import { useParts } from "../../app/place";
import { roleOf, useMayWrite, usePerson } from "../../app/person";
import { text, words } from "../../messages";
import { weekday, when } from "../../parts/dates";
import { Head } from "../../parts/Head";
import { Chip, Gate } from "../../parts/marks/Chip";
import { Mark } from "../../parts/marks/Mark";
import { Step } from "../../parts/Step";
import { Shown } from "../../parts/states";
import { approvalOf, seatsTaken } from "./Approvals";
import "./approvals.css";

const t = text.approvals;

export default function Approval() {
  const { number = "" } = useParts("/approvals/$number");
  const answer = useRead<Page<DecisionRecord & Partial<One>>>("/decisions", { waiting: true });
  return (
    <Shown of={answer} what={t.name}>
      {({ rows }) => {
        const it = rows.find((one) => String(one.number) === number);
        return it ? <Form of={approvalOf(it)} /> : <Gone />;
      }}
    </Shown>
  );
}

function Gone() {
  return (
    <>
      <Head title={t.done} name={t.name} />
      <div className="page">
        <Go to="/approvals">{t.back}</Go>
      </div>
    </>
  );
}

function Form({ of }: { of: One }) {
  const role = roleOf(usePerson());
  const mayWrite = useMayWrite();
  const mayS = mayWrite && (role === "clinician" || role === "biomed");
  const [answers, setAnswers] = useState<(boolean | null)[]>([null, null]);
  const [conditions, setConditions] = useState("");
  const [step, setStep] = useState<"sign" | "decline" | "ask" | null>(null);
  const [password, setPassword] = useState("");
  const [said, setSaid] = useState("");
  const read = useRef(JSON.stringify([of.detail, of.reason, of.command]));
  const [changed, setChanged] = useState<string | null>(of.changed_since);
  useEffect(() => {
    const now = JSON.stringify([of.detail, of.reason, of.command]);
    if (now === read.current) return;
    read.current = now;
    setAnswers([null, null]);
    setChanged(of.changed_since ?? of.detail);
  }, [of]);

  const open = answers.filter((it) => it === null).length;
  const no = answers.includes(false);
  const ready = open === 0 && !no;
  const set = (place: number, value: boolean) => setAnswers(answers.map((it, index) => (index === place ? value : it)));
  const after = async (words: string) => {
    await client.invalidateQueries({ predicate: ({ queryKey }) => /^\/(approvals|decisions|worklist|today)/.test(String(queryKey[0])) });
    setSaid(words);
  };
  const close = () => setStep(null);
  return (
    <div className="approval">
      <Head
        crumbs={<Go to="/approvals">{t.name}</Go>}
        title={of.question}
        detail={of.detail}
      >
        <div className="row wrap approval-chips">
          <Chip kind="outline">{of.asset?.title ?? of.subject}</Chip>
          <Gate signed={seatsTaken(of)} />
          {of.answer_by && <span className="quiet">{t.by(`${weekday(of.answer_by)}`)}</span>}
        </div>
        {changed && (
          <p className="notes approval-changed" role="status">
            <b>{t.changed}</b> {changed}
          </p>
        )}
      </Head>
      <div className="page approval-body">
        <div className="approval-pair">
          <section className="box pad">
            <h2>{t.ifNothing}</h2>
            <p className="reading">{of.if_nothing ?? words.notKnown}</p>
          </section>
          <section className="box pad">
            <h2>{t.ifDone}</h2>
            <p className="reading">{of.if_done ?? words.notKnown}</p>
          </section>
          <section className="box pad">
            <h2>{t.reason}</h2>
            <p className="reading">{of.reason}</p>
            <p className="faint">{t.askedBy(of.asked_by, when(of.at))}</p>
          </section>
          <section className="box pad">
            <h2>{t.device}</h2>
            <p className="reading">
              {of.asset ? <Go to={assetLink(of.asset.id)}>{of.asset.title}</Go> : of.subject}
            </p>
            <p className="faint">{[of.asset?.maker, of.asset?.model, of.asset?.unit].filter(Boolean).join(" · ")}</p>
          </section>
        </div>
        {mayS ? (
          <section>
            <h2 className="approval-title">{t.questions}</h2>
            <div className="approval-pair">
              {[t.q1, t.q2].map((question, place) => (
                <fieldset key={question}>
                  <legend>{question}</legend>
                  <div className="approval-answers">
                    {([true, false] as const).map((value) => (
                      <label key={String(value)} className={`answer${answers[place] === value ? " answer-chosen" : ""}`}>
                        <input type="radio" name={`q${place}`} checked={answers[place] === value} onChange={() => set(place, value)} />
                        {value ? t.yes : t.no}
                      </label>
                    ))}
                  </div>
                </fieldset>
              ))}
            </div>
            <div className="field approval-conditions">
              <label htmlFor="conditions">{t.conditions}</label>
              <input id="conditions" className="input" value={conditions} placeholder={t.conditionsHint} onChange={(event) => setConditions(event.target.value)} />
            </div>
          </section>
        ) : (
          <p className="notes">{t.readOnly}</p>
        )}
        <section>
          <h2 className="approval-title">{t.seats}</h2>
          <div className="approval-pair">
            {of.seats.map((seat) => (
              <div key={seat.seat} className="box pad seat">
                <b className="row">
                  <Mark name={seat.by ? "seat_signed" : "seat_empty"} /> {seat.seat}
                </b>
                <p className={seat.by ? "" : "faint"}>{seat.by ? t.signed(seat.by, seat.at ? when(seat.at) : "") : t.empty}</p>
              </div>
            ))}
          </div>
        </section>
      </div>
      {mayS && (
        <footer className="approval-foot no-print">
          <button type="button" className="btn btn-filled" aria-disabled={!ready} aria-describedby="sign-why" onClick={() => ready && setStep("sign")}>
            {t.sign}
          </button>
          <span id="sign-why" className="quiet">
            {no ? t.saidNo : open > 0 ? t.open(open) : said}
          </span>
          <span className="push row wrap">
            <button type="button" className="btn" onClick={() => setStep("decline")}>
              {t.notLikeThis}
            </button>
            <button type="button" className="btn" onClick={() => setStep("ask")}>
              {t.ask}
            </button>
          </span>
        </footer>
      )}
      {step === "sign" && (
        <Step
          title={t.signStep.title}
          consequence={<p>{t.signStep.consequence}</p>}
          verb={t.signStep.verb}
          close={close}
          reason={false}
          ready={password.length > 0}
          run={async (_, key) => {
            await write(`/decisions/${of.number}/confirm`, { reason: conditions || of.question }, { key });
            await after(t.done);
          }}
        >
          <div className="field">
            <label htmlFor="sign-password">{t.signStep.password}</label>
            <input id="sign-password" type="password" className="input" autoComplete="current-password" value={password} onChange={(event) => setPassword(event.target.value)} />
          </div>
        </Step>
      )}
      {step === "decline" && (
        <Step
          title={t.declineStep.title}
          consequence={<p>{t.declineStep.consequence}</p>}
          verb={t.declineStep.verb}
          close={close}
          run={async (reason, key) => {
            await write(`/decisions/${of.number}/decline`, { reason }, { key });
            await after(t.declined);
          }}
        />
      )}
      {step === "ask" && (
        <Step
          title={t.askStep.title}
          consequence={<p>{t.askStep.consequence}</p>}
          verb={t.askStep.verb}
          close={close}
          run={async (reason, key) => {
            await write(`/decisions/${of.number}/ask`, { reason }, { key });
            setSaid(t.asked);
          }}
        />
      )}
    </div>
  );
}
