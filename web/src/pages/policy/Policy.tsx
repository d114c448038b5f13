// One table that decides: read it, try an example, see what a change would move
// before it is in force.

import { useState } from "react";
import { ApiProblem, write } from "../../api/client";
import type { Decision, Policy as Answer, PolicyCheck, PolicyDiff, PolicyTry } from "../../api/draft";
import { client, useRead } from "../../api/queries";
import { useAddress } from "../../app/place";
import { useMayWrite } from "../../app/person";
import { text, words } from "../../messages";
import { weekday } from "../../parts/dates";
import { Head, Pane, Part, Tabs } from "../../parts/Head";
import { DecisionChip, Unknown } from "../../parts/marks/Chip";
import { count } from "../../parts/numbers";
import { Step } from "../../parts/Step";
import { Refused, Shown } from "../../parts/states";
import "./policy.css";

const t = text.policy;
type Tab = "table" | "try" | "change";

export default function Policy() {
  const answer = useRead<Answer>("/policy");
  const [search, change] = useAddress();
  const mayWrite = useMayWrite();
  const tab = (search["tab"] ?? "table") as Tab;
  return (
    <Shown of={answer} what={t.name}>
      {(it) => (
        <>
          <Head title={t.title(it.name, it.version)} beside={t.beside(it.by, it.in_force_since && weekday(it.in_force_since))} detail={t.words} />
          <Tabs
            label={t.tabs.label}
            at={tab}
            set={(key) => change({ tab: key === "table" ? undefined : key })}
            tabs={[{ key: "table", words: t.tabs.table }, { key: "try", words: t.tabs.try }, ...(mayWrite ? [{ key: "change", words: t.tabs.change }] : [])]}
          />
          <Pane name={tab} className="pane said policy-pane">
            {tab === "table" && <TableTab policy={it} />}
            {tab === "try" && <TryTab policy={it} />}
            {tab === "change" && mayWrite && <ChangeTab policy={it} />}
          </Pane>
        </>
      )}
    </Shown>
  );
}

function plain(value: string): string {
  return value.replaceAll("_", " ");
}

function conditions(when: string | Record<string, string[]>, policy: Answer): string {
  if (typeof when === "string") return when || t.any;
  const parts = Object.entries(when).map(([name, values]) => `${(policy.inputs.find((it) => it.name === name)?.words ?? name).toLowerCase()}: ${values.map(plain).join(t.or)}`);
  return parts.length === 0 ? t.any : parts.join(t.and);
}

function TableTab({ policy }: { policy: Answer }) {
  return (
    <>
      <table className="plain policy-table">
        <thead>
          <tr>
            <th scope="col">{t.column.row}</th>
            <th scope="col">{t.column.if}</th>
            <th scope="col">{t.column.then}</th>
            <th scope="col">{t.column.because}</th>
            <th scope="col" className="num">
              {t.column.decides}
            </th>
          </tr>
        </thead>
        <tbody>
          {policy.rows.map((it) => (
            <tr key={it.id}>
              <td className="mono">{it.id}</td>
              <td>{conditions(it.when, policy)}</td>
              <td>
                <DecisionChip value={it.then} />
              </td>
              <td className="quiet">{it.because}</td>
              <td className="num">{count(it.decides)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {policy.raise && <p className="policy-note">{t.raise(conditions(policy.raise.when, policy), policy.raise.because)}</p>}
      {policy.gated && <p className="policy-note">{policy.gated.words}.</p>}
      {(policy.footnotes ?? []).map((it) => (
        <p key={it} className="policy-note">
          {it}
        </p>
      ))}
      <div className="policy-columns">
        <Part title={t.thresholds}>
          <table className="plain">
            <tbody>
              {policy.thresholds.map((it) => (
                <tr key={it.name}>
                  <td>{it.words}</td>
                  <td className="num">
                    <b>{it.value}</b>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Part>
        <Part title={t.clocks}>
          <table className="plain">
            <tbody>
              {(Object.entries(policy.clock_days) as [Decision, number][]).map(([decision, days]) => (
                <tr key={decision}>
                  <td>
                    <DecisionChip value={decision} />
                  </td>
                  <td className="num">
                    <b>{t.clock(days)}</b>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Part>
      </div>
    </>
  );
}

function TryTab({ policy }: { policy: Answer }) {
  const [inputs, setInputs] = useState<Record<string, string>>({});
  const [result, setResult] = useState<PolicyTry | null>(null);
  const whole = policy.inputs.every((it) => inputs[it.name]);
  const choose = (name: string, value: string) => {
    const next = { ...inputs, [name]: value };
    setInputs(next);
    if (policy.inputs.every((it) => next[it.name])) void write<PolicyTry>("/policy/try", { inputs: next, gated: false }).then(setResult);
  };
  return (
    <div className="policy-try">
      <div className="stack gap16">
        <p className="quiet">{t.try.words}</p>
        {policy.inputs.map((input) => (
          <fieldset key={input.name}>
            <legend>{input.words}</legend>
            <div className="row wrap policy-values">
              {input.values.map((value) => (
                <label key={value} className="tick">
                  <input type="radio" name={input.name} checked={inputs[input.name] === value} onChange={() => choose(input.name, value)} />
                  <span>{plain(value)}</span>
                </label>
              ))}
            </div>
          </fieldset>
        ))}
      </div>
      <div className="box pad policy-result" role="status">
        <p className="quiet">{t.try.result}</p>
        {whole && result ? (
          <>
            <p>
              <DecisionChip value={result.outcome} />
            </p>
            <p className="reading">{result.because}</p>
            <p className="faint">
              {t.try.row(result.row)}
              {result.raised ? `; ${t.try.raised}` : ""}
            </p>
          </>
        ) : (
          <Unknown needs={policy.inputs.filter((it) => !inputs[it.name]).map((it) => it.words.toLowerCase()).join(", ")} />
        )}
      </div>
    </div>
  );
}

function ChangeTab({ policy }: { policy: Answer }) {
  const [source, setSource] = useState(policy.text);
  const [check, setCheck] = useState<PolicyCheck | null>(null);
  const [diff, setDiff] = useState<PolicyDiff | null>(null);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [adopting, setAdopting] = useState(false);
  const [said, setSaid] = useState("");
  const refused = check?.complaints?.some((it) => it.refused) ?? false;
  const ask = async <T,>(path: string, keep: (answer: T) => void) => {
    setProblem(null);
    try {
      keep(await write<T>(path, { text: source }));
    } catch (error) {
      if (error instanceof ApiProblem) setProblem(error);
      else throw error;
    }
  };
  return (
    <div className="stack gap16">
      <p className="quiet">{t.change.words}</p>
      <div className="field">
        <label htmlFor="policy-text">{t.change.label}</label>
        <textarea
          id="policy-text"
          className="input mono policy-text"
          spellCheck={false}
          value={source}
          onChange={(event) => {
            setSource(event.target.value);
            setCheck(null);
            setDiff(null);
          }}
        />
      </div>
      <div className="row wrap">
        <button type="button" className="btn" onClick={() => void ask<PolicyCheck>("/policy/check", setCheck)}>
          {t.change.check}
        </button>
        <button type="button" className="btn" onClick={() => void ask<PolicyDiff>("/policy/diff", setDiff)}>
          {t.change.diff}
        </button>
        <button type="button" className="btn btn-filled" aria-disabled={!diff || refused} onClick={() => diff && !refused && setAdopting(true)}>
          {t.change.adopt}
        </button>
        {!diff && <span className="faint">{t.change.first}</span>}
        <span role="status">{said}</span>
      </div>
      {problem && <Refused problem={problem} />}
      {check && !check.complaints?.length && <p role="status">{t.change.cases(check.cases ?? check.rows ?? 0)}</p>}
      {check?.complaints && check.complaints.length > 0 && (
        <ul role="alert">
          {check.complaints.map((it) => (
            <li key={`${it.place} ${it.words}`}>
              <b>{it.place}</b> {it.words}
            </li>
          ))}
        </ul>
      )}
      {diff && (
        <Part title={t.change.moves}>
          {diff.moves.length === 0 ? (
            <p className="quiet">{t.change.noMoves}</p>
          ) : (
            <>
              <ul className="row wrap gap24 policy-moves">
                {diff.counts.map((it) => (
                  <li key={`${it.from} ${it.to}`} className="row wrap">
                    {it.from && <DecisionChip value={it.from} />} <span aria-hidden="true">→</span> {it.to && <DecisionChip value={it.to} />}
                    <span className="quiet">{it.devices === undefined ? words.count.exposures(it.exposures) : t.change.counts(words.count.exposures(it.exposures), words.count.devices(it.devices))}</span>
                  </li>
                ))}
              </ul>
              {diff.clocks_broken > 0 && <p className="notes">{t.change.clocksBroken(diff.clocks_broken)}</p>}
              <table className="plain">
                <thead>
                  <tr>
                    <th scope="col">{t.change.column.subject}</th>
                    <th scope="col">{t.change.column.from}</th>
                    <th scope="col">{t.change.column.to}</th>
                    <th scope="col" className="num">
                      {t.change.column.devices}
                    </th>
                    <th scope="col">{t.change.column.because}</th>
                  </tr>
                </thead>
                <tbody>
                  {diff.moves.map((it) => (
                    <tr key={`${it.subject ?? ""} ${it.vulnerability ?? ""} ${it.component ?? ""} ${it.to}`}>
                      <td>{it.subject ?? [it.component, it.vulnerability].filter(Boolean).join(", ")}</td>
                      <td>{it.from ? <DecisionChip value={it.from} /> : words.none}</td>
                      <td>{it.to ? <DecisionChip value={it.to} /> : words.none}</td>
                      <td className="num">{count(it.devices)}</td>
                      <td className="quiet">{[it.because].flat().join("; ")}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </>
          )}
        </Part>
      )}
      {adopting && diff && (
        <Step
          title={t.change.adoptStep.title}
          consequence={<p>{t.change.adoptStep.consequence(diff.moved ?? diff.moves.length, diff.clocks_broken)}</p>}
          verb={t.change.adoptStep.verb}
          close={() => setAdopting(false)}
          run={async (reason, key) => {
            await write("/decisions", { command: "policy", text: source, reason }, { key });
            await client.invalidateQueries();
            setSaid(t.change.adopted);
          }}
        />
      )}
    </div>
  );
}
