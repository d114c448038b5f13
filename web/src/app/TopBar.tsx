// The top bar: site, search, stale feeds, the moment, the person; below it what is under way.

import { Menu, Popover } from "@mantine/core";
import { IconChevronDown, IconSearch, IconSelector } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { onWork, type Work, write } from "../api/client";
import type { Session } from "../api/draft";
import { client } from "../api/queries";
import { shell, words } from "../messages";
import { time, wholeMoment } from "../parts/dates";
import { Mark } from "../parts/marks/Mark";
import { go, useAddress } from "./place";
import type { Tally } from "./Frame";
import { Go } from "./Link";
import { useLiveState } from "./live";
import { readsOnly } from "./places";
import { look, type Look, setLook } from "./theme";

interface Props {
  session: Session;
  site: string;
  tally: Tally;
  find: () => void;
  help: () => void;
}

export function TopBar({ session, site, tally, find, help }: Props) {
  const [search, change] = useAddress();
  const { person } = session;
  return (
    <header className="top">
      <div className="top-row">
        {session.sites.length > 1 ? (
          <Menu position="bottom-start" shadow="md">
            <Menu.Target>
              <button type="button" className="top-site">
                <span className="unseen">{shell.chooseSite}: </span>
                {site} <IconSelector size={16} stroke={1.75} aria-hidden />
              </button>
            </Menu.Target>
            <Menu.Dropdown>
              {session.sites.map((it) => (
                <Menu.Item key={it.id} onClick={() => change({ site: it.id, open: undefined })}>
                  {it.name}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        ) : (
          <span className="top-site">{site}</span>
        )}
        <button type="button" className="top-search" onClick={find} aria-keyshortcuts="Control+K">
          <IconSearch size={16} stroke={1.75} aria-hidden />
          <span>{shell.search}</span>
          <kbd>{shell.searchKeys}</kbd>
        </button>
        <div className="top-right">
          {readsOnly(person.role) && <span className="chip chip-outline">{shell.readOnly}</span>}
          {tally.stale !== null && tally.stale > 0 && (
            <Go to="/feeds" className="top-stale">
              <Mark name="stale" /> <span>{shell.stale(tally.stale)}</span>
            </Go>
          )}
          <AsOf now={search["as_of"]} set={(as_of) => change({ as_of, open: undefined })} />
          <Menu position="bottom-end" shadow="md" width={220}>
            <Menu.Target>
              <button type="button" className="person">
                <span aria-hidden="true">{initials(person.name)}</span>
                <span className="unseen">{`${shell.person.menu}: ${person.name}, ${words.role[person.role]}`}</span>
              </button>
            </Menu.Target>
            <Menu.Dropdown>
              <div className="person-head">
                <b>{person.name}</b>
                <span className="faint">{words.role[person.role]}</span>
              </div>
              <Menu.Divider />
              {person.roles.length > 1 && (
                <>
                  <Menu.Label>{shell.person.role}</Menu.Label>
                  {person.roles.map((role) => (
                    <Menu.Item
                      key={role}
                      leftSection={role === person.role ? <Mark name="tick" size={14} /> : <span className="menu-gap" />}
                      onClick={() => {
                        void write("/me/role", { role }, { method: "PUT" }).then(() => client.resetQueries());
                      }}
                    >
                      {words.role[role]}
                    </Menu.Item>
                  ))}
                  <Menu.Divider />
                </>
              )}
              <Menu.Label>{shell.person.theme}</Menu.Label>
              {(["light", "dark", "auto"] as Look[]).map((it) => (
                <Menu.Item
                  key={it}
                  leftSection={it === look() ? <Mark name="tick" size={14} /> : <span className="menu-gap" />}
                  onClick={() => {
                    setLook(it);
                    void saveSettings(session, { theme: it });
                  }}
                >
                  {shell.person[it]}
                </Menu.Item>
              ))}
              <Menu.Divider />
              <Menu.Item onClick={() => go("/me")}>
                {shell.person.settings}
              </Menu.Item>
              <Menu.Item onClick={help} rightSection={<kbd>?</kbd>}>
                {shell.person.keys}
              </Menu.Item>
              <Menu.Divider />
              <Menu.Item
                onClick={() => {
                  void write("/session", undefined, { method: "DELETE" }).finally(() => window.location.assign("/sign-in"));
                }}
              >
                {shell.person.out}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </div>
      </div>
      <UnderWay />
    </header>
  );
}

export async function saveSettings(session: Session, change: Partial<Session["settings"]>): Promise<void> {
  const settings = { ...session.settings, ...change };
  client.setQueryData<Session>(["session"], { ...session, settings });
  await write("/me/settings", settings, { method: "PUT" });
}

export function initials(name: string): string {
  const names = name.replace(/^(Dr|Prof)\.?\s+/, "").split(/\s+/);
  return ((names[0]?.[0] ?? "") + (names.length > 1 ? (names.at(-1)?.[0] ?? "") : "")).toUpperCase();
}

function AsOf({ now, set }: { now: string | undefined; set: (as_of: string | undefined) => void }) {
  const [open, setOpen] = useState(false);
  const [value, setValue] = useState("");
  const [wrong, setWrong] = useState(false);
  const clock = useClock();
  const ago = (days: number) => new Date(Date.parse(clock) - days * 86_400_000).toISOString();
  const choose = (iso: string) => {
    setOpen(false);
    set(iso);
  };
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <button type="button" className="top-moment" aria-expanded={open} onClick={() => setOpen(!open)}>
          <Mark name="past" />
          <span className="unseen">{shell.asOf.button}: </span>
          <b>{now ? wholeMoment(now) : shell.now}</b>
          {!now && <span className="top-clock faint">{wholeMoment(clock)}</span>}
          <IconChevronDown className="top-chevron" size={14} stroke={1.75} aria-hidden />
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label={shell.asOf.title}>
        <form
          className="stack gap12 asof"
          onSubmit={(event) => {
            event.preventDefault();
            const at = value ? new Date(value) : null;
            if (!at || Number.isNaN(at.getTime()) || at.toISOString() >= clock) setWrong(true);
            else choose(at.toISOString());
          }}
        >
          <h2>{shell.asOf.title}</h2>
          <p className="faint small">{shell.asOf.hint}</p>
          <div className="row">
            <button type="button" className="btn" onClick={() => choose(ago(7))}>
              {shell.asOf.week}
            </button>
            <button type="button" className="btn" onClick={() => choose(ago(30))}>
              {shell.asOf.month}
            </button>
          </div>
          <div className="field">
            <label htmlFor="as-of">{shell.asOf.label}</label>
            <input id="as-of" className="input" type="datetime-local" value={value} aria-invalid={wrong} onChange={(event) => { setValue(event.target.value); setWrong(false); }} />
            {wrong && <span className="wrong">{shell.asOf.invalid}</span>}
          </div>
          <div className="row">
            <button type="submit" className="btn btn-filled">
              {shell.asOf.go}
            </button>
            {now && (
              <button type="button" className="btn" onClick={() => { setOpen(false); set(undefined); }}>
                {shell.asOf.back}
              </button>
            )}
          </div>
        </form>
      </Popover.Dropdown>
    </Popover>
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
