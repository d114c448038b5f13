// The top bar: site, search, stale feeds, the moment, the person; below it what is under way.

import { IconSearch } from "@tabler/icons-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { onWork, type Work } from "../api/client";
import type { Session } from "../api/draft";
import { client } from "../api/queries";
import { shell, words } from "../messages";
import { time } from "../parts/dates";
import { Mark } from "../parts/marks/Mark";
import { MomentButton, PersonButton } from "./buttons";
import { useAddress } from "./place";
import type { Tally } from "./Frame";
import { Go } from "./Link";
import { useLiveState } from "./live";
import { roleOf } from "./person";
import { readsOnly } from "./places";

// What floats comes after what lies: the pages do not wait for menus.
const PersonMenu = lazy(() => import("./menus").then((it) => ({ default: it.PersonMenu })));
const SiteMenu = lazy(() => import("./menus").then((it) => ({ default: it.SiteMenu })));
const AsOf = lazy(() => import("./menus").then((it) => ({ default: it.AsOf })));

interface Props {
  session: Session;
  site: string;
  tally: Tally;
  find: () => void;
  help: () => void;
}

export function TopBar({ session, site, tally, find, help }: Props) {
  const [search, change] = useAddress();
  const clock = useClock();
  return (
    <header className="top">
      <div className="top-row">
        {session.sites.length > 1 ? (
          <Suspense fallback={<span className="top-site">{site}</span>}>
            <SiteMenu session={session} site={site} choose={(id) => change({ site: id, open: undefined })} />
          </Suspense>
        ) : (
          <span className="top-site">{site}</span>
        )}
        <button type="button" className="top-search" onClick={find} aria-keyshortcuts="Control+K">
          <IconSearch size={16} stroke={1.75} aria-hidden />
          <span>{shell.search}</span>
          <kbd>{shell.searchKeys}</kbd>
        </button>
        <div className="top-right">
          {readsOnly(roleOf(session)) && <span className="chip chip-outline">{shell.readOnly}</span>}
          {tally.stale !== null && tally.stale > 0 && (
            <Go to="/feeds" className="top-stale">
              <Mark name="stale" /> <span>{shell.stale(tally.stale)}</span>
            </Go>
          )}
          <Suspense fallback={<MomentButton now={search["as_of"]} clock={clock} />}>
            <AsOf now={search["as_of"]} clock={clock} set={(as_of) => change({ as_of, open: undefined })} />
          </Suspense>
          <Suspense fallback={<PersonButton session={session} />}>
            <PersonMenu session={session} help={help} />
          </Suspense>
        </div>
      </div>
      <UnderWay />
    </header>
  );
}

/** The minute on the wall; the server's, once an answer said it. */
function useClock(): string {
  const [at, setAt] = useState(() => serverNow());
  useEffect(() => {
    const timer = setInterval(() => setAt(serverNow()), 5_000);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => client.getQueryCache().subscribe(() => setAt(serverNow())), []);
  return at;
}

function serverNow(): string {
  const dated = client
    .getQueryCache()
    .getAll()
    .flatMap((it) => {
      const params = it.queryKey[1] as { as_of?: string } | undefined;
      const data = it.state.data as { as_of?: string } | undefined;
      return params && !params.as_of && data?.as_of ? [{ at: data.as_of, read: it.state.dataUpdatedAt }] : [];
    })
    .sort((a, b) => b.read - a.read)[0];
  return dated ? new Date(Date.parse(dated.at) + (Date.now() - dated.read)).toISOString() : new Date().toISOString();
}

function UnderWay() {
  const [work, setAll] = useState<Work[]>([]);
  useEffect(() => onWork((all) => setAll([...all.values()])), []);
  const { lostAt, retryAt } = useLiveState();
  const [, tick] = useState(0);
  useEffect(() => {
    if (!lostAt) return;
    const timer = setInterval(() => tick((it) => it + 1), 1000);
    return () => clearInterval(timer);
  }, [lostAt]);
  return (
    <div aria-live="polite">
      {work.map((it) => (
        <p key={it.key} className="under-way">
          <span>{words.state.building(it.step, it.done, it.of)}</span>
          {it.of !== null && <progress value={it.done} max={it.of} aria-label={it.step} />}
        </p>
      ))}
      {lostAt && (
        <p className="under-way">
          <Mark name="offline" />
          <b>{words.state.offline(time(lostAt))}</b>
          <span className="quiet">{words.state.offlineWords}</span>
          <span className="push faint figures">{retryAt ? words.state.triesAgain(Math.max(0, Math.round((retryAt - Date.now()) / 1000))) : ""}</span>
        </p>
      )}
    </div>
  );
}
