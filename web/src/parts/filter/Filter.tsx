// The filter: chips that can be taken away, and a box for words.

import { IconPlus, IconX } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import type { Field } from "../../api/draft";
import { useRead } from "../../api/queries";
import { text } from "../../messages";
import { useKeys } from "../keys";
import { and, chipOf, terms, translate, without } from "./language";
import "./filter.css";

export function Filter({ filter, set }: { filter: string; set: (filter: string | undefined) => void }) {
  const [typing, setTyping] = useState(false);
  const [typed, setTyped] = useState("");
  const box = useRef<HTMLInputElement>(null);
  const fields = useRead<{ rows: Field[] }>("/fields");
  const known = fields.data?.rows ?? [];
  const translated = translate(typed, known);
  useKeys([
    {
      key: "f",
      words: text.filter.key,
      foot: false,
      run: () => setTyping(true),
    },
  ]);
  useEffect(() => {
    if (typing) box.current?.focus();
  }, [typing]);

  const finish = () => {
    if (translated.complaints.length > 0) return;
    if (translated.filter) set(and(filter, translated.filter));
    setTyped("");
    setTyping(false);
  };
  const last = typed.split(/\s+/).at(-1) ?? "";
  const hints = suggestions(last, known);

  return (
    <>
      {terms(filter).map((term) => {
        const chip = chipOf(term, known);
        return (
          <span key={term} className="filter-chip">
            {chip.field && <span className="faint">{chip.field}</span>} <b>{chip.value}</b>
            <button type="button" aria-label={text.filter.remove(`${chip.field} ${chip.value}`)} onClick={() => set(without(filter, term) || undefined)}>
              <IconX size={12} stroke={2} aria-hidden />
            </button>
          </span>
        );
      })}
      {typing ? (
        <form
          className="filter-form"
          onSubmit={(event) => {
            event.preventDefault();
            finish();
          }}
        >
          <input
            ref={box}
            className="input filter-box"
            value={typed}
            placeholder={text.filter.example}
            aria-label={text.filter.label}
            aria-describedby="filter-say"
            aria-invalid={translated.complaints.length > 0 && typed.endsWith(" ")}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => setTyped(event.target.value)}
            onBlur={(event) => {
              if (!event.relatedTarget && !typed) setTyping(false);
            }}
            onKeyDown={(event) => {
              if (event.key !== "Escape") return;
              event.stopPropagation();
              setTyped("");
              setTyping(false);
              (event.currentTarget.closest("main") as HTMLElement | null)?.focus();
            }}
          />
          <div id="filter-say" className="filter-say" role="status">
            {translated.complaints.map((it) => (
              <p key={it.word} className="filter-wrong">
                {it.why === "field" ? text.filter.noField(it.word) : text.filter.noValue(it.word)}
              </p>
            ))}
            {translated.filter && translated.complaints.length === 0 && <p className="mono">{translated.filter}</p>}
            <div className="row wrap gap4">
              {hints.map((it) => (
                <button
                  key={it.insert}
                  type="button"
                  className="filter-hint"
                  onClick={() => {
                    setTyped(`${typed.slice(0, typed.length - last.length)}${it.insert}`);
                    box.current?.focus();
                  }}
                >
                  {it.shown}
                </button>
              ))}
            </div>
          </div>
        </form>
      ) : (
        <button type="button" className="btn filter-add" onClick={() => setTyping(true)}>
          <IconPlus size={14} stroke={1.75} aria-hidden /> {text.filter.add} <kbd>F</kbd>
        </button>
      )}
    </>
  );
}

function suggestions(last: string, fields: Field[]): { insert: string; shown: string }[] {
  const colon = last.indexOf(":");
  if (colon < 0) {
    return fields.filter((it) => it.name.startsWith(last.toLowerCase())).slice(0, 8).map((it) => ({ insert: `${it.name}:`, shown: it.words }));
  }
  const field = fields.find((it) => it.name === last.slice(0, colon));
  const values = field?.kind === "flag" || field?.kind === "truth" ? ["yes", "no"] : (field?.values ?? []);
  const begun = last.slice(colon + 1).toLowerCase();
  return values
    .filter((it) => it.toLowerCase().includes(begun))
    .slice(0, 8)
    .map((it) => ({ insert: `${last.slice(0, colon)}:${/\s/.test(it) ? `"${it}"` : it} `, shown: it.replaceAll("_", " ") }));
}
