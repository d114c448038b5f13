// The head of a page: the one sentence, what it rests on, the actions.

import type { ReactNode } from "react";
import { useEffect } from "react";
import "./head.css";

interface Props {
  title: ReactNode;
  /** For the window's title, where the title is not plain text. */
  name?: string;
  beside?: ReactNode;
  detail?: ReactNode;
  sources?: ReactNode;
  actions?: ReactNode;
  crumbs?: ReactNode;
  children?: ReactNode;
}

export function Head({ title, name, beside, detail, sources, actions, crumbs, children }: Props) {
  const words = name ?? (typeof title === "string" ? title : "");
  useEffect(() => {
    if (words) document.title = `${words} · exposome`;
  }, [words]);
  return (
    <header className="head">
      {crumbs && <nav className="crumbs">{crumbs}</nav>}
      <div className="head-line">
        <div className="head-title">
          <h1>{title}</h1>
          {beside && <span className="head-beside">{beside}</span>}
        </div>
        {actions && <div className="head-actions no-print">{actions}</div>}
      </div>
      {detail && <p className="head-detail">{detail}</p>}
      {sources && <p className="head-sources">{sources}</p>}
      {children}
    </header>
  );
}

/** A part of a page with its title, its count and one way onward. */
export function Part({ title, beside, action, children, id }: { title: ReactNode; beside?: ReactNode; action?: ReactNode; children: ReactNode; id?: string }) {
  return (
    <section className="part" id={id}>
      <div className="part-head">
        <h2>{title}</h2>
        {beside !== undefined && beside !== null && <span className="part-beside">{beside}</span>}
        {action && <span className="push no-print">{action}</span>}
      </div>
      {children}
    </section>
  );
}

export function Tabs({ label, tabs, at, set }: { label: string; tabs: { key: string; words: ReactNode; count?: number | undefined }[]; at: string; set: (key: string) => void }) {
  return (
    <div className="tabs no-print" role="tablist" aria-label={label}>
      {tabs.map((it, index) => (
        <button
          key={it.key}
          type="button"
          role="tab"
          id={`tab-${it.key}`}
          aria-selected={it.key === at}
          aria-controls={`pane-${it.key}`}
          tabIndex={it.key === at ? 0 : -1}
          onClick={() => set(it.key)}
          onKeyDown={(event) => {
            const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
            const next = tabs[(index + by + tabs.length) % tabs.length];
            if (by === 0 || !next) return;
            event.preventDefault();
            set(next.key);
            document.getElementById(`tab-${next.key}`)?.focus();
          }}
        >
          {it.words}
          {it.count !== undefined && <span className="tab-count figures">{it.count}</span>}
        </button>
      ))}
    </div>
  );
}

export function Pane({ name, children, className }: { name: string; children: ReactNode; className?: string }) {
  return (
    <div role="tabpanel" id={`pane-${name}`} aria-labelledby={`tab-${name}`} tabIndex={-1} className={className ?? "pane"} data-quiet-focus>
      {children}
    </div>
  );
}
