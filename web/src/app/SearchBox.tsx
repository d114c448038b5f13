// One box for devices, jobs, people, flaws, wards and pages.

import { useState } from "react";
import type { Hit } from "../api/draft";
import { useRead } from "../api/queries";
import { shell } from "../messages";
import { Dialog } from "../parts/Dialog";
import { DecisionMark } from "../parts/marks/Chip";
import { go as goTo } from "./place";
import type { Place } from "./places";

const RECENT = "exposome.searched";

function recent(): string[] {
  try {
    return (JSON.parse(localStorage.getItem(RECENT) ?? "[]") as string[]).slice(0, 5);
  } catch {
    return [];
  }
}

function remember(q: string): void {
  try {
    localStorage.setItem(RECENT, JSON.stringify([q, ...recent().filter((it) => it !== q)].slice(0, 5)));
  } catch {
    // Nothing is lost but the convenience.
  }
}

interface Line {
  key: string;
  title: string;
  detail: string | null;
  kind: string;
  decision: Hit["decision"];
  run: () => void;
}

export function SearchBox({ close, places }: { close: () => void; places: Place[] }) {
  const [q, setQ] = useState("");
  const [at, setAt] = useState(0);
  const asked = q.trim();
  const hits = useRead<{ rows: Hit[] }>(asked.length > 1 ? "/search" : null, { q: asked });

  const go = (link: string) => {
    if (asked) remember(asked);
    goTo(link);
    close();
  };
  const pages = places.filter((it) => asked && it.words.toLowerCase().includes(asked.toLowerCase()));
  const lines: Line[] = asked
    ? [
        ...pages.map((it) => ({ key: it.path, title: it.words, detail: null, kind: shell.kind.page, decision: null, run: () => go(it.path) })),
        ...(asked.length > 1 ? (hits.data?.rows ?? []) : []).map((it) => ({ key: it.link, title: it.title, detail: it.detail, kind: shell.kind[it.kind], decision: it.decision, run: () => go(it.link) })),
      ]
    : recent().map((it) => ({ key: it, title: it, detail: null, kind: "", decision: null, run: () => { setQ(it); setAt(0); } }));
  const chosen = Math.min(at, Math.max(0, lines.length - 1));

  return (
    <Dialog title={shell.searchTitle} close={close} bare>
      <div className="find">
        <input
          className="find-input"
          data-autofocus
          value={q}
          placeholder={shell.search}
          aria-label={shell.search}
          role="combobox"
          aria-expanded={lines.length > 0}
          aria-controls="find-list"
          aria-activedescendant={lines.length ? `find-${chosen}` : undefined}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => {
            setQ(event.target.value);
            setAt(0);
          }}
          onKeyDown={(event) => {
            if (event.key === "ArrowDown") setAt(Math.min(chosen + 1, lines.length - 1));
            else if (event.key === "ArrowUp") setAt(Math.max(chosen - 1, 0));
            else if (event.key === "Enter") lines[chosen]?.run();
            else return;
            event.preventDefault();
          }}
        />
        {!asked && lines.length > 0 && <p className="find-title">{shell.recent}</p>}
        <ul id="find-list" role="listbox" aria-label={shell.searchTitle} className="find-list">
          {lines.map((it, index) => (
            <li key={it.key} id={`find-${index}`} role="option" aria-selected={index === chosen} onClick={it.run} onMouseMove={() => setAt(index)}>
              <span className="find-mark">{it.decision && <DecisionMark value={it.decision} />}</span>
              <span className="two">
                <span className="two-first">{it.title}</span>
                {it.detail && <span className="two-second">{it.detail}</span>}
              </span>
              <span className="faint small push">{it.kind}</span>
            </li>
          ))}
        </ul>
        {asked.length > 1 && hits.data && !hits.isFetching && lines.length === 0 && <p className="pad quiet" role="status">{shell.nothingFound(asked)}</p>}
        <p className="find-foot">{shell.searchHint}</p>
      </div>
    </Dialog>
  );
}
