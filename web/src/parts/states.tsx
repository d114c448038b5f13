// The states a part of a page can be in, besides having something to show.

import type { UseQueryResult } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { ApiProblem } from "../api/client";
import { words } from "../messages";
import { time } from "./dates";
import { useKeys } from "./keys";
import { Chip } from "./marks/Chip";
import { Mark } from "./marks/Mark";
import { Skeleton } from "./table/Table";

/** True once that many milliseconds have gone by. */
export function useAfter(ms: number): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setOver(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return over;
}

/** The page's own shape, after 150 ms; after 2 s words say what is being read. */
export function Loading({ what, shape }: { what: string; shape?: ReactNode }) {
  const show = useAfter(150);
  const say = useAfter(2000);
  if (!show) return <div className="pad" aria-busy="true" />;
  return (
    <div aria-busy="true">
      {say && <p className="pad quiet">{words.state.reading(what)}</p>}
      {shape ?? <Skeleton />}
    </div>
  );
}

/** Refused says who may and what to do; failed says what was kept and an id. */
export function Trouble({ problem, what, retry }: { problem: Error; what: string; retry?: () => void }) {
  useKeys(retry ? [{ key: "r", words: words.state.again, run: retry }] : []);
  if (problem instanceof ApiProblem && problem.refused) return <Refused problem={problem} />;
  const known = problem instanceof ApiProblem ? problem : null;
  return (
    <section className="box state" role="alert">
      <h2 className="state-head">
        <Mark name="failed" /> {words.state.failedTitle(what)}
      </h2>
      <div className="state-body">
        <p className="reading">{known?.unreachable ? words.state.unreachable(time(known.at)) : words.state.failed(time(known?.at ?? new Date().toISOString()))}</p>
        {known?.problem.id && (
          <p className="quiet">
            {words.state.tell} <span className="mono">{known.problem.id}</span>
          </p>
        )}
        {retry && (
          <p>
            <button type="button" className="btn" onClick={retry}>
              {words.state.again} <kbd>R</kbd>
            </button>
          </p>
        )}
      </div>
    </section>
  );
}

export function Refused({ problem, action }: { problem: ApiProblem; action?: ReactNode }) {
  const { title, detail, way_out } = problem.problem;
  return (
    <section className="box state" role="alert">
      <h2 className="state-head">
        <Mark name="lock" /> {title || words.state.refused}
      </h2>
      <div className="state-body">
        {detail && <p className="reading">{detail}</p>}
        <p className="quiet">
          {way_out ? `${way_out} ` : ""}
          {words.state.nothingChanged}
        </p>
        {problem.status === 401 && (
          <p>
            <a className="btn" href="/sign-in" target="_blank" rel="noreferrer">
              {words.state.signInAgain}
            </a>
          </p>
        )}
        {action}
      </div>
    </section>
  );
}

/** Nothing is left to do: how many were judged, how many could not be, links onward.  No red, no green. */
export function Done({ title, children, links }: { title: string; children?: ReactNode; links?: ReactNode }) {
  return (
    <div className="state-body">
      <h2>{title}</h2>
      <div className="reading quiet">{children}</div>
      {links && <div className="stack gap4">{links}</div>}
    </div>
  );
}

/** Nothing came in: a zero here would be a guess. */
export function CannotSay({ title, children, actions }: { title: string; children: ReactNode; actions?: ReactNode }) {
  return (
    <section className="box state">
      <div className="state-head hatched">
        <Chip kind="not_evaluable" mark="not_evaluable">
          {words.decision.not_evaluable}
        </Chip>
      </div>
      <div className="state-body">
        <h2>{title}</h2>
        <div className="reading quiet">{children}</div>
        {actions && <div className="row wrap">{actions}</div>}
      </div>
    </section>
  );
}

/** Shows an answer, or what stands in its place. */
export function Shown<T>({ of, what, shape, children }: { of: UseQueryResult<T, ApiProblem>; what: string; shape?: ReactNode; children: (answer: T) => ReactNode }) {
  if (of.data !== undefined) return <>{children(of.data)}</>;
  if (of.error) return <Trouble problem={of.error} what={what} retry={() => void of.refetch()} />;
  return <Loading what={what} shape={shape} />;
}
