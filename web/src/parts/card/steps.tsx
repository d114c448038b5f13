// The steps that change what holds: defer, wake, not affected, assign.  Each says
// its consequence, asks for a reason, and repeats its verb.

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { read, write } from "../../api/client";
import type { Command, Decided, JobDetail, WiresAsked } from "../../api/draft";
import { useMoment } from "../../api/queries";
import { text, words } from "../../messages";
import { moment } from "../dates";
import { Step } from "../Step";

const t = text.step;

export interface Subject {
  title: string;
  devices: number;
  kev: boolean;
  gated: boolean;
}

/** Sends one command after another, the reason and the key of the step with each; reads again what they touch. */
export function useCommands(done: (words: string) => void) {
  const queries = useQueryClient();
  const { site } = useMoment();
  return async (commands: (reason: string) => Command[] | Promise<Command[]>, reason: string, key: string) => {
    let last: Decided | null = null;
    for (const [place, command] of (await commands(reason)).entries()) {
      last = await write<Decided>("/decisions", command, { key: `${key}-${place}`, params: { site } });
    }
    await queries.invalidateQueries({ predicate: ({ queryKey }) => /^\/(worklist|today|jobs|decisions|assets|approvals|biomed)/.test(String(queryKey[0])) });
    if (last) done(t.done(last.number, last.holds, last.waits_for));
  };
}

/** A job is deferred flaw by flaw, each for the product it is about. */
export async function deferJobs(ids: string[], site: string | undefined, wires: WiresAsked, reason: string): Promise<Command[]> {
  const details = await Promise.all(ids.map((id) => read<JobDetail>(`/worklist/${encodeURIComponent(id)}`, { site })));
  return details.flatMap((job) => job.exposures_by_vulnerability.map((it): Command => ({ command: "defer", on: { vulnerability: it.vulnerability, product: it.component }, wires, reason })));
}

export function DeferStep({ subjects, make, close, done }: { subjects: Subject[]; make: (wires: WiresAsked, reason: string) => Command[] | Promise<Command[]>; close: () => void; done: (words: string) => void }) {
  const send = useCommands(done);
  const in90 = new Date(moment() + 90 * 86_400_000).toISOString().slice(0, 10);
  const [over, setOver] = useState("0.1");
  const [times, setTimes] = useState("3");
  const [on, setOn] = useState<string[]>(["exploited", "exploit", "path", "fix"]);
  const [review, setReview] = useState(in90);
  const kev = subjects.filter((it) => it.kev).length;
  const gated = subjects.some((it) => it.gated);
  const devices = subjects.reduce((sum, it) => sum + it.devices, 0);
  const only = subjects[0];
  const ready = (on.length > 0 || over !== "") && review !== "" && kev < subjects.length;
  const flip = (name: string, yes: boolean) => setOn(yes ? [...on, name] : on.filter((it) => it !== name));
  return (
    <Step
      title={subjects.length === 1 && only ? t.decide.title(only.title) : t.decide.bulk(words.count.jobs(subjects.length))}
      consequence={<p>{t.decide.consequence(words.count.devices(devices))}</p>}
      verb={t.decide.verb}
      close={close}
      ready={ready}
      notReady={kev === subjects.length ? t.decide.kev : t.decide.noWire}
      run={(reason, key) => send((why) => make({ epss_over: over || null, epss_times: times || null, on, review }, why), reason, key)}
    >
      {kev > 0 && <p className="notes">{subjects.length === 1 ? t.decide.kev : text.worklist.bulk.kev(kev)}</p>}
      {gated && <p className="notes">{subjects.length === 1 ? t.decide.gated : text.worklist.bulk.gated(subjects.filter((it) => it.gated).length)}</p>}
      <fieldset className="stack gap8">
        <legend>{t.decide.wires}</legend>
        <div className="row wrap gap16">
          <div className="field">
            <label htmlFor="wire-over">{t.decide.epssOver}</label>
            <input id="wire-over" className="input" inputMode="decimal" value={over} pattern="0(\.\d+)?|1" onChange={(event) => setOver(event.target.value)} />
          </div>
          <div className="field">
            <label htmlFor="wire-times">{t.decide.epssTimes}</label>
            <input id="wire-times" className="input" inputMode="decimal" value={times} pattern="\d+(\.\d)?" onChange={(event) => setTimes(event.target.value)} />
          </div>
        </div>
        {(["exploited", "exploit", "path", "fix"] as const).map((name) => (
          <label key={name} className="tick">
            <input type="checkbox" checked={on.includes(name)} onChange={(event) => flip(name, event.target.checked)} />
            <span>{t.decide[name]}</span>
          </label>
        ))}
        <div className="field">
          <label htmlFor="wire-review">{t.decide.review}</label>
          <input id="wire-review" className="input" type="date" value={review} min={new Date(moment() + 86_400_000).toISOString().slice(0, 10)} onChange={(event) => setReview(event.target.value)} />
        </div>
      </fieldset>
    </Step>
  );
}

export function WakeStep({ title, number, close, done }: { title: string; number: number; close: () => void; done: (words: string) => void }) {
  const send = useCommands(done);
  return (
    <Step
      title={t.wake.title(title)}
      consequence={<p>{t.wake.consequence}</p>}
      verb={t.wake.verb}
      close={close}
      run={(reason, key) => send((why) => [{ command: "wake", number, reason: why }], reason, key)}
    />
  );
}

export function NotAffectedStep({ flaw, asset, device, component, gated, close, done }: { flaw: string; asset: string; device: string; component: string; gated: boolean; close: () => void; done: (words: string) => void }) {
  const send = useCommands(done);
  return (
    <Step
      title={t.not.title(flaw)}
      consequence={<p>{t.not.consequence(device)}</p>}
      verb={t.not.verb}
      close={close}
      run={(reason, key) => send((why) => [{ command: "verdict", on: { vulnerability: flaw, asset, component }, verdict: "not_affected", reason: why }], reason, key)}
    >
      {gated && <p className="notes">{t.not.gated}</p>}
    </Step>
  );
}

export function AssignStep({ jobs, close, done }: { jobs: { id: string }[]; close: () => void; done: (words: string) => void }) {
  const send = useCommands(done);
  const [owner, setOwner] = useState("");
  return (
    <Step
      title={t.assign.title(words.count.jobs(jobs.length))}
      consequence={<p>{t.assign.consequence}</p>}
      verb={t.assign.verb}
      close={close}
      ready={owner.trim().length > 0}
      run={(reason, key) => send((why) => jobs.map((it) => ({ command: "assign", job: it.id, owner: owner.trim(), reason: why })), reason, key)}
    >
      <div className="field">
        <label htmlFor="assign-owner">{t.assign.owner}</label>
        <input id="assign-owner" className="input" value={owner} onChange={(event) => setOwner(event.target.value)} />
      </div>
    </Step>
  );
}
