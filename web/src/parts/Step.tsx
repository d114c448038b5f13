// A step: the consequence in words, a reason, and a button that repeats the verb.
// Nothing dangerous happens by one key or by the default button.

import { type ReactNode, useRef, useState } from "react";
import { ApiProblem, writeKey } from "../api/client";
import { words } from "../messages";
import { Dialog } from "./Dialog";
import { time } from "./dates";
import { Refused } from "./states";

interface Props {
  title: string;
  consequence?: ReactNode;
  verb: string;
  close: () => void;
  /** Writes; the key stays the same when the same step is tried again. */
  run: (reason: string, key: string) => Promise<unknown>;
  children?: ReactNode;
  ready?: boolean;
  notReady?: string;
  reason?: boolean;
}

export function Step({ title, consequence, verb, close, run, children, ready = true, notReady, reason = true }: Props) {
  const [why, setWhy] = useState("");
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const key = useRef(writeKey());
  const lacks = reason && why.trim().length === 0;
  return (
    <Dialog title={title} close={close}>
      <form
        className="stack gap16"
        onSubmit={(event) => {
          event.preventDefault();
          setAsked(true);
          if (lacks || !ready || busy) return;
          setBusy(true);
          setProblem(null);
          run(why.trim(), key.current)
            .then(close)
            .catch((error: unknown) => {
              if (error instanceof ApiProblem) setProblem(error);
              else throw error;
            })
            .finally(() => setBusy(false));
        }}
      >
        {consequence && <div className="reading">{consequence}</div>}
        {children}
        {reason && (
          <div className="field">
            <label htmlFor="step-reason">{words.reason}</label>
            <textarea id="step-reason" className="input" value={why} aria-invalid={asked && lacks} aria-describedby="step-hint" onChange={(event) => setWhy(event.target.value)} />
            <span id="step-hint" className={asked && lacks ? "wrong" : "hint"}>
              {asked && lacks ? words.reasonMissing : words.reasonHint}
            </span>
          </div>
        )}
        {problem && (problem.refused ? <Refused problem={problem} /> : <p role="alert">{words.state.unreachable(time(problem.at))} {problem.problem.id && <span className="mono">{problem.problem.id}</span>}</p>)}
        <div className="row wrap">
          <button type="submit" className="btn btn-filled" aria-disabled={!ready || busy}>
            {verb}
          </button>
          <button type="button" className="btn" onClick={close}>
            {words.cancel}
          </button>
          {!ready && notReady && <span className="faint">{notReady}</span>}
        </div>
      </form>
    </Dialog>
  );
}
