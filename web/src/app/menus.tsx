// What floats over the top bar: the site, the moment, the person.

import { Menu, Popover } from "@mantine/core";
import { IconSelector } from "@tabler/icons-react";
import { useState } from "react";
import { write } from "../api/client";
import type { Session } from "../api/draft";
import { client } from "../api/queries";
import { shell, words } from "../messages";
import { Mark } from "../parts/marks/Mark";
import { MomentButton, PersonButton } from "./buttons";
import { go } from "./place";
import { roleOf } from "./person";
import { saveSettings } from "./settings";
import { look, type Look, setLook } from "./theme";
import "../theme/mantine.css";

export function SiteMenu({ session, site, choose }: { session: Session; site: string; choose: (id: string) => void }) {
  return (
    <Menu position="bottom-start" shadow="md">
      <Menu.Target>
        <button type="button" className="top-site">
          <span className="unseen">{shell.chooseSite}: </span>
          {site} <IconSelector size={16} stroke={1.75} aria-hidden />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {session.sites.map((it) => (
          <Menu.Item key={it.id} onClick={() => choose(it.id)}>
            {it.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

export function PersonMenu({ session, help }: { session: Session; help: () => void }) {
  const { person } = session;
  return (
    <Menu position="bottom-end" shadow="md" width={220}>
      <Menu.Target>
        <PersonButton session={session} />
      </Menu.Target>
      <Menu.Dropdown>
        <div className="person-head">
          <b>{person.name}</b>
          <span className="faint">{words.role[roleOf(session)]}</span>
        </div>
        <Menu.Divider />
        {person.roles.length > 1 && (
          <>
            <Menu.Label>{shell.person.role}</Menu.Label>
            {person.roles.map((role) => (
              <Menu.Item
                key={role}
                leftSection={role === roleOf(session) ? <Mark name="tick" size={14} /> : <span className="menu-gap" />}
                onClick={() => {
                  void write("/session/role", { role }, { method: "PUT" }).then(() => client.resetQueries());
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
  );
}

export function AsOf({ now, clock, set }: { now: string | undefined; clock: string; set: (as_of: string | undefined) => void }) {
  const [open, setOpen] = useState(false);
  const [value, setValue] = useState("");
  const [wrong, setWrong] = useState(false);
  const ago = (days: number) => new Date(Date.parse(clock) - days * 86_400_000).toISOString();
  const choose = (iso: string) => {
    setOpen(false);
    set(iso);
  };
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <MomentButton now={now} clock={clock} open={open} press={() => setOpen(!open)} />
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
