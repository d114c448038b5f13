// A dialog: the browser's own, which keeps focus inside, makes the rest inert and
// gives focus back when it closes.

import { IconX } from "@tabler/icons-react";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { words } from "../messages";
import "./dialog.css";

interface Props {
  title: string;
  close: () => void;
  children: ReactNode;
  /** The title is for those who do not see the dialog. */
  bare?: boolean;
  width?: "narrow" | "wide";
}

export function Dialog({ title, close, children, bare = false, width = "wide" }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  const name = useId();
  useEffect(() => {
    const dialog = box.current;
    const before = document.activeElement;
    dialog?.showModal();
    dialog?.querySelector<HTMLElement>("[data-autofocus]")?.focus();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <dialog
      ref={box}
      role="dialog"
      aria-labelledby={name}
      className={`dialog dialog-${width}`}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onMouseDown={(event) => {
        // Only what can be closed without loss closes by a press beside it.
        if (bare && event.target === box.current) close();
      }}
    >
      <div className={bare ? "dialog-bare" : "dialog-head"}>
        <h2 id={name} className={bare ? "unseen" : undefined}>
          {title}
        </h2>
        {!bare && (
          <button type="button" className="btn btn-icon" aria-label={words.close} onClick={close}>
            <IconX size={16} stroke={1.75} aria-hidden />
          </button>
        )}
      </div>
      <div className={bare ? undefined : "dialog-body"}>{children}</div>
    </dialog>
  );
}
