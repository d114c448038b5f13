// The frame around every page: rail, top bar, the bar of the past, what is under way.

import { type ReactNode, useEffect, useRef, useState } from "react";
import { setCsrf } from "../api/client";
import type { Counts, Session } from "../api/draft";
import { client, useRead, useSession } from "../api/queries";
import { shell } from "../messages";
import { moment, setMoment, setZone, wholeMoment } from "../parts/dates";
import { setSingleKeys, useKeys } from "../parts/keys";
import { Mark } from "../parts/marks/Mark";
import { Trouble } from "../parts/states";
import { go, useAddress, useHere } from "./place";
import { Go } from "./Link";
import { useLive, useLiveState } from "./live";
import { KeysHelp } from "./KeysHelp";
import { roleOf, settingsOf, SignedIn } from "./person";
import { type Place, railOf } from "./places";
import { SearchBox } from "./SearchBox";
import { setLook } from "./theme";
import { TopBar } from "./TopBar";
import "./frame.css";

export interface Tally {
  jobs: number | null;
  approvals: number | null;
  stale: number | null;
}

export function Frame({ children }: { children: ReactNode }) {
  const session = useSession();
  const { href } = useHere();
  useEffect(() => {
    if (session.error?.status === 401) go("/sign-in", { next: href, as_of: undefined, site: undefined }, { replace: true });
  }, [session.error, href]);

  if (session.data && session.error?.status !== 401) return <Signed session={session.data}>{children}</Signed>;
  if (session.error && session.error.status !== 401) {
    return (
      <main className="pad">
        <Trouble problem={session.error} what={shell.product} retry={() => void session.refetch()} />
      </main>
    );
  }
  return <div className="blank" aria-busy="true" />;
}

function Signed({ session, children }: { session: Session; children: ReactNode }) {
  const [search, change] = useAddress();
  const past = search["as_of"];
  const site = session.sites.find((it) => it.id === search["site"]) ?? session.sites[0];
  setCsrf(session.csrf);
  setZone(site?.zone ?? null);
  const settings = settingsOf(session);
  setSingleKeys(settings.single_keys);
  if (past) setMoment(past, true);
  else if (wasPast.now) setMoment(null, false);
  wasPast.now = Boolean(past);

  useEffect(() => setLook(settings.theme), [settings.theme]);
  useLive(!past);

  const [finding, setFinding] = useState(false);
  const [helping, setHelping] = useState(false);
  const [folded, setFolded] = useState(false);
  const rail = railOf(roleOf(session));
  useKeys([
    { key: "ctrl+k", words: shell.keys.search, run: () => setFinding(true), everywhere: true },
    { key: "/", words: shell.keys.search, run: () => setFinding(true), everywhere: true },
    { key: "?", words: shell.keys.help, run: () => setHelping(true), everywhere: true },
    ...rail.flatMap((it) =>
      it.go
        ? [{ key: `g ${it.go}`, words: shell.keys.go(it.words), everywhere: true, run: () => go(it.path) }]
        : [],
    ),
    ...(past ? [{ key: "Escape", words: shell.asOf.back, everywhere: true, run: () => change({ as_of: undefined }) }] : []),
  ]);

  const feeds = useRead<{ rows: { state: string }[] }>("/feeds");
  const jobs = useRead<{ totals: { jobs: number; by_decision: Counts } }>(rail.some((it) => it.counts === "jobs") ? "/worklist" : null, { limit: 1 });
  const waiting = useRead<{ rows: unknown[] }>(rail.some((it) => it.counts === "approvals") ? "/decisions" : null, { waiting: true });
  const tally: Tally = {
    jobs: jobs.data?.totals.jobs ?? null,
    approvals: waiting.data?.rows.length ?? null,
    stale: feeds.data ? feeds.data.rows.filter((it) => it.state !== "fresh").length : null,
  };

  // Counts follow what changes; only more that cannot wait is said at once.
  const { changes } = useLiveState();
  useEffect(() => {
    if (changes === 0) return;
    void client.invalidateQueries({ predicate: ({ queryKey }) => ["/feeds", "/decisions"].includes(String(queryKey[0])) || (queryKey[0] === "/worklist" && (queryKey[1] as { limit?: number }).limit === 1) });
  }, [changes]);
  const act = jobs.data?.totals.by_decision.act_now?.jobs ?? null;
  const actBefore = useRef<number | null>(null);
  const [urgent, setUrgent] = useState("");
  useEffect(() => {
    if (act !== null && actBefore.current !== null && act > actBefore.current) setUrgent(shell.live.act(act));
    actBefore.current = act;
  }, [act]);

  const main = useRef<HTMLElement>(null);
  const { path } = useHere();
  const first = useRef(true);
  useEffect(() => {
    // After a change of page focus is on the page, so that its keys act at once and a screen reader begins there.
    if (!document.activeElement || document.activeElement === document.body || !first.current) main.current?.focus({ preventScroll: true });
    first.current = false;
  }, [path]);

  const wide = path === "/worklist" && search["open"];
  return (
    <SignedIn value={session}>
      <div className={`frame${past ? " frame-past" : ""}${folded || wide ? " frame-folded" : ""}`}>
        <a className="skip" href="#page">
          {shell.skip}
        </a>
        {past && (
          <div className="past-bar" role="status">
            <Mark name="past" />
            <span>
              <b>{shell.asOf.bar(wholeMoment(past))}</b> {shell.asOf.readOnly}
            </span>
            <span className="push row gap16 no-print">
              <Go to="/changes" search={{ from: past, as_of: undefined }}>
                {shell.asOf.since}
              </Go>
              <button type="button" onClick={() => change({ as_of: undefined })}>
                {shell.asOf.back} <kbd>Esc</kbd>
              </button>
            </span>
          </div>
        )}
        <Rail places={rail} here={path} tally={tally} folded={folded} fold={() => setFolded(!folded)} />
        <TopBar session={session} site={site?.name ?? ""} tally={tally} find={() => setFinding(true)} help={() => setHelping(true)} />
        <p className="print-head" aria-hidden="true">
          {[site?.name, wholeMoment(past ?? new Date(moment()).toISOString()), search["filter"]].filter(Boolean).join(" · ")}
        </p>
        <span className="unseen" aria-live="assertive">
          {urgent}
        </span>
        <main id="page" ref={main} tabIndex={-1} data-keys>
          {children}
        </main>
      </div>
      {finding && <SearchBox close={() => setFinding(false)} places={rail} />}
      {helping && <KeysHelp close={() => setHelping(false)} single={settings.single_keys} />}
    </SignedIn>
  );
}

/** Whether the page before this one showed the past: then the clock must go back to now. */
const wasPast = { now: false };

function Rail({ places, here, tally, folded, fold }: { places: Place[]; here: string; tally: Tally; folded: boolean; fold: () => void }) {
  const groups = ["work", "look", "prove", "keep"] as const;
  return (
    <nav className="rail" aria-label={shell.rail}>
      <Go to="/" className="rail-brand">
        <Brand />
        <span className="rail-words">{shell.product}</span>
      </Go>
      <div className="rail-scroll">
        {groups.map((group) => {
          const own = places.filter((it) => it.group === group);
          if (own.length === 0) return null;
          return (
            <div key={group} className="rail-group">
              {group !== "work" && <p className="rail-title">{shell.group[group]}</p>}
              <ul>
                {own.map((it) => {
                  const current = here === it.path || here.startsWith(`${it.path}/`) || (it.path === "/inventory" && here.startsWith("/assets"));
                  const number = it.counts ? tally[it.counts] : null;
                  return (
                    <li key={it.path}>
                      <Go to={it.path} className="rail-link" aria-current={current ? "page" : undefined}>
                        <it.icon size={18} stroke={1.75} aria-hidden />
                        <span className="rail-words">{it.words}</span>
                        {number !== null && number > 0 && (
                          <span className="rail-count figures">{it.counts === "stale" ? shell.stale(number).replace(/feeds? /, "") : number}</span>
                        )}
                      </Go>
                    </li>
                  );
                })}
              </ul>
            </div>
          );
        })}
      </div>
      <button type="button" className="rail-fold" onClick={fold} aria-label={folded ? shell.expand : shell.collapse}>
        <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" fill="none" stroke="currentColor" strokeWidth="1.6">
          <path d={folded ? "m6 3 5 5-5 5" : "m10 3-5 5 5 5"} />
        </svg>
      </button>
    </nav>
  );
}

export function Brand({ size = 18 }: { size?: number }) {
  return (
    <svg className="brand" width={size} height={size} viewBox="0 0 20 20" fill="none" stroke="currentColor" aria-hidden="true">
      <circle cx="10" cy="10" r="8.6" strokeWidth="2" />
      <circle cx="10" cy="10" r="4.9" strokeWidth="2.2" strokeDasharray="5.2 2.5" transform="rotate(20 10 10)" />
      <circle cx="10" cy="10" r="1.7" fill="currentColor" stroke="none" />
    </svg>
  );
}
