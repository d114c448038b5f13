// The side panel: a region of its own.  Focus moves into it when a person opens
// it and goes back to the row when it closes.

import { IconExternalLink, IconLink, IconX } from "@tabler/icons-react";
import { type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { Go } from "../app/Link";
import { words } from "../messages";
import { useKeys } from "./keys";
import "./panel.css";

interface Props {
  label: string;
  above?: ReactNode;
  title: ReactNode;
  chips?: ReactNode;
  page?: string;
  close: () => void;
  actions?: ReactNode;
  children: ReactNode;
  /** What the panel shows: focus moves when it changes. */
  of: string;
}

export function Panel({ label, above, title, chips, page, close, actions, children, of }: Props) {
  const region = useRef<HTMLElement>(null);
  const [copied, setCopied] = useState(false);
  const Title = useIsPage() ? "h1" : "h2";
  useKeys([{ key: "Escape", words: words.close, run: close, everywhere: true }]);
  useEffect(() => {
    region.current?.focus({ preventScroll: true });
    setCopied(false);
  }, [of]);
  return (
    <aside className="panel" ref={region} tabIndex={-1} aria-label={label} data-keys data-quiet-focus>
      <header className="panel-head">
        <div className="panel-above">
          <span className="faint">{above}</span>
          <span className="panel-tools no-print">
            <button
              type="button"
              className="btn btn-icon"
              aria-label={copied ? words.copied : words.copyLink}
              onClick={() => {
                void navigator.clipboard?.writeText(window.location.href).then(() => setCopied(true));
              }}
            >
              <IconLink size={16} stroke={1.75} aria-hidden />
            </button>
            {page && (
              <Go to={page} className="btn btn-icon" aria-label={words.openPage}>
                <IconExternalLink size={16} stroke={1.75} aria-hidden />
              </Go>
            )}
            <button type="button" className="btn btn-icon" aria-label={words.close} onClick={close}>
              <IconX size={16} stroke={1.75} aria-hidden />
            </button>
          </span>
        </div>
        <Title className="panel-title">{title}</Title>
        {chips && <div className="row wrap panel-chips">{chips}</div>}
      </header>
      <div className="panel-body" tabIndex={-1}>
        {Title === "h1" && <h2 className="unseen">{label}</h2>}
        {children}
      </div>
      {actions && <footer className="panel-actions no-print">{actions}</footer>}
      <span className="unseen" role="status">
        {copied ? words.copied : ""}
      </span>
    </aside>
  );
}

const NARROW = window.matchMedia("(max-width: 1024px)");

/** On a tablet the panel is the page. */
function useIsPage(): boolean {
  return useSyncExternalStore(
    (listener) => {
      NARROW.addEventListener("change", listener);
      return () => NARROW.removeEventListener("change", listener);
    },
    () => NARROW.matches,
  );
}
