// The list: rows of 32 or 48 pixels, virtual beyond 200, one row in the order of
// focus, keys for all that the mouse can do.  Sorting, filtering and paging are
// the server's; a list shows what it is given.

import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { text, words } from "../../messages";
import { useKeys } from "../keys";
import { nextSort, parseSort } from "./sort";
import "./table.css";

export interface Column<Row> {
  key: string;
  head: ReactNode;
  width?: string;
  right?: boolean;
  /** The server's name of the column, where it can be sorted by. */
  sort?: string;
  narrow?: "hide";
  /** Its name in the menu of columns; without one it always stands. */
  words?: string;
  /** Off until somebody wants it. */
  extra?: boolean;
  cell: (row: Row) => ReactNode;
}

export type Entry<Row> =
  | { kind: "row"; id: string; row: Row; changed?: boolean }
  | { kind: "group"; id: string; head: ReactNode; open: boolean; hatched?: boolean; toggle: () => void }
  | { kind: "more"; id: string; words: ReactNode; load: () => void };

export interface TableProps<Row> {
  label: string;
  columns: Column<Row>[];
  entries: Entry<Row>[];
  lines?: 1 | 2;
  open?: string | undefined;
  onOpen?: (id: string, row: Row) => void;
  onClose?: () => void;
  onFocusRow?: (id: string | null) => void;
  picks?: Picks | undefined;
  sort?: string | undefined;
  onSort?: (sort: string | undefined) => void;
  /** Called when the last rows come into sight. */
  onEnd?: (() => void) | undefined;
  empty?: ReactNode;
  foot?: ReactNode;
  fixed?: boolean;
  /** Groups that stand for rows, not for headings: on the list's own ground. */
  lightGroups?: boolean;
}

export interface Picks {
  has: (id: string) => boolean;
  set: (ids: string[], on: boolean) => void;
  count: number;
}

const VIRTUAL_FROM = 200;

export function Table<Row>(props: TableProps<Row>) {
  const { columns, entries, lines = 1, open, onOpen, picks, sort, onSort } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  const [current, setCurrent] = useState<string | null>(open ?? null);
  const [anchor, setAnchor] = useState<string | null>(null);
  const virtual = entries.length > VIRTUAL_FROM;
  const height = lines === 2 ? 48 : 32;

  const virtualizer = useVirtualizer({
    count: entries.length,
    enabled: virtual,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 12,
  });
  const windowed = virtual ? virtualizer.getVirtualItems() : null;
  const before = windowed?.[0]?.start ?? 0;
  const after = virtual ? virtualizer.getTotalSize() - (windowed?.at(-1)?.end ?? 0) : 0;
  const shown = windowed ? windowed.map((it) => it.index) : entries.map((_, index) => index);

  const place = entries.findIndex((it) => it.id === current);
  const focusOn = useCallback(
    (index: number) => {
      const entry = entries[index];
      if (!entry) return;
      setCurrent(entry.id);
      props.onFocusRow?.(entry.kind === "row" ? entry.id : null);
      if (virtual) virtualizer.scrollToIndex(index);
      requestAnimationFrame(() => {
        const row = body.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(entry.id)}"]`);
        row?.focus({ preventScroll: virtual });
        row?.scrollIntoView({ block: "nearest" });
      });
    },
    [entries, virtual, virtualizer, props],
  );

  const move = (by: number) => focusOn(place < 0 ? 0 : Math.min(entries.length - 1, Math.max(0, place + by)));
  const act = () => {
    const entry = entries[place];
    if (entry?.kind === "row") onOpen?.(entry.id, entry.row);
    else if (entry?.kind === "group") entry.toggle();
    else if (entry?.kind === "more") entry.load();
  };
  /** The next row that can be opened, with the panel staying where it is. */
  const step = (by: number) => {
    const rows = entries.flatMap((it) => (it.kind === "row" ? [it] : []));
    const next = rows[rows.findIndex((it) => it.id === open) + by];
    if (next) onOpen?.(next.id, next.row);
  };
  const pick = (range: boolean) => {
    const entry = entries[place];
    if (!picks || entry?.kind !== "row") return;
    if (!range) {
      picks.set([entry.id], !picks.has(entry.id));
      setAnchor(entry.id);
      return;
    }
    const from = entries.findIndex((it) => it.id === anchor);
    const [low, high] = from < 0 ? [place, place] : [Math.min(from, place), Math.max(from, place)];
    const ids = entries.slice(low, high + 1).flatMap((it) => (it.kind === "row" ? [it.id] : []));
    picks.set(ids, true);
  };

  useKeys([
    { key: "j", words: text.table.next, run: () => move(1), foot: true },
    { key: "k", words: text.table.previous, run: () => move(-1), foot: true },
    { key: "ArrowDown", words: text.table.next, run: () => move(1) },
    { key: "ArrowUp", words: text.table.previous, run: () => move(-1) },
    { key: "Home", words: text.table.first, run: () => focusOn(0) },
    { key: "End", words: text.table.last, run: () => focusOn(entries.length - 1) },
    ...(onOpen ? [{ key: "Enter", words: text.table.open, run: act }] : []),
    ...(onOpen && open
      ? [
          { key: "]", words: text.table.openNext, run: () => step(1) },
          { key: "[", words: text.table.openPrevious, run: () => step(-1) },
        ]
      : []),
    ...(picks
      ? [
          { key: "x", words: text.table.pick, run: () => pick(false), foot: true },
          { key: "X", words: text.table.range, run: () => pick(true) },
        ]
      : []),
  ]);

  // The open row has focus again when the panel closes.
  const wasOpen = useRef(open);
  const shownFor = useRef<string | null>(null);
  useEffect(() => {
    if (wasOpen.current && !open) {
      const back = entries.findIndex((it) => it.id === wasOpen.current);
      if (back >= 0) focusOn(back);
    }
    if (open) setCurrent(open);
    wasOpen.current = open;
    // A link that names a row shows it, once it is there.
    if (open && shownFor.current !== open && entries.some((it) => it.id === open)) {
      shownFor.current = open;
      requestAnimationFrame(() => body.current?.querySelector(`[data-id="${CSS.escape(open)}"]`)?.scrollIntoView({ block: "nearest" }));
    }
  }, [open, entries, focusOn]);

  // The next page, when the end comes near.
  const { onEnd } = props;
  const lastSeen = windowed?.at(-1)?.index ?? -1;
  useEffect(() => {
    if (onEnd && virtual && lastSeen >= entries.length - 20) onEnd();
  }, [onEnd, virtual, lastSeen, entries.length]);
  const onScroll = () => {
    const box = scroller.current;
    if (onEnd && !virtual && box && box.scrollTop + box.clientHeight > box.scrollHeight - 400) onEnd();
  };

  const width = columns.length + (picks ? 1 : 0);
  const rowIds = entries.flatMap((it) => (it.kind === "row" ? [it.id] : []));
  const picked = picks ? rowIds.filter((id) => picks.has(id)).length : 0;
  const tree = entries.some((it) => it.kind === "group");
  const tabStop = place >= 0 ? current : (entries[0]?.id ?? null);

  return (
    <div className="list" data-keys>
      <div className="list-scroll" ref={scroller} onScroll={onScroll} tabIndex={-1}>
        <table role={tree ? "treegrid" : "grid"} aria-label={props.label} aria-rowcount={entries.length} className={props.fixed === false ? "grid" : "grid grid-fixed"}>
          <colgroup>
            {picks && <col className="col-pick" />}
            {columns.map((it) => (
              <col key={it.key} width={it.width} className={it.narrow === "hide" ? "narrow-hide" : undefined} />
            ))}
          </colgroup>
          <thead>
            <tr>
              {picks && (
                <th scope="col" className="cell-pick">
                  <input
                    type="checkbox"
                    aria-label={text.table.pickPage(rowIds.length)}
                    checked={picked > 0 && picked === rowIds.length}
                    ref={(box) => {
                      if (box) box.indeterminate = picked > 0 && picked < rowIds.length;
                    }}
                    onChange={(event) => picks.set(rowIds, event.target.checked)}
                  />
                </th>
              )}
              {columns.map((it) => (
                <Head key={it.key} column={it} sort={sort} onSort={onSort} />
              ))}
            </tr>
          </thead>
          <tbody ref={body}>
            {before > 0 && <Space height={before} width={width} />}
            {shown.map((index) => {
              const entry = entries[index];
              if (!entry) return null;
              const stop = entry.id === tabStop ? 0 : -1;
              if (entry.kind !== "row") {
                return (
                  <tr
                    key={entry.id}
                    data-id={entry.id}
                    tabIndex={stop}
                    aria-level={tree ? (entry.kind === "group" ? 1 : 2) : undefined}
                    aria-expanded={entry.kind === "group" ? entry.open : undefined}
                    className={entry.kind === "group" ? `group${props.lightGroups ? " group-light" : ""}${entry.hatched ? " hatched" : ""}` : "more"}
                    onFocus={() => setCurrent(entry.id)}
                    onClick={() => (entry.kind === "group" ? entry.toggle() : entry.load())}
                  >
                    <td colSpan={width}>{entry.kind === "group" ? <GroupHead open={entry.open}>{entry.head}</GroupHead> : entry.words}</td>
                  </tr>
                );
              }
              const chosen = entry.id === open;
              return (
                <tr
                  key={entry.id}
                  data-id={entry.id}
                  tabIndex={stop}
                  aria-level={tree ? 2 : undefined}
                  aria-selected={picks ? picks.has(entry.id) : chosen}
                  className={`entry lines-${lines}${chosen ? " entry-open" : ""}${onOpen ? " entry-opens" : ""}`}
                  onFocus={() => {
                    setCurrent(entry.id);
                    props.onFocusRow?.(entry.id);
                  }}
                  onClick={(event) => {
                    if (event.target instanceof Element && event.target.closest("a,button,input,label")) return;
                    if (window.getSelection()?.toString()) return;
                    onOpen?.(entry.id, entry.row);
                  }}
                >
                  {picks && (
                    <td className="cell-pick">
                      <input
                        type="checkbox"
                        tabIndex={-1}
                        aria-label={text.table.pickRow}
                        checked={picks.has(entry.id)}
                        onChange={(event) => {
                          picks.set([entry.id], event.target.checked);
                          setAnchor(entry.id);
                        }}
                      />
                    </td>
                  )}
                  {columns.map((it) => (
                    <td key={it.key} className={classOf(it)}>
                      {it.cell(entry.row)}
                    </td>
                  ))}
                </tr>
              );
            })}
            {after > 0 && <Space height={after} width={width} />}
          </tbody>
        </table>
        {entries.length === 0 && props.empty}
      </div>
      {props.foot}
    </div>
  );
}

function classOf<Row>(column: Column<Row>): string | undefined {
  const names = [column.right ? "cell-right" : "", column.narrow === "hide" ? "narrow-hide" : ""].filter(Boolean);
  return names.length ? names.join(" ") : undefined;
}

function Space({ height, width }: { height: number; width: number }) {
  return (
    <tr aria-hidden="true" className="space">
      <td colSpan={width} ref={(cell) => cell?.style.setProperty("height", `${height}px`)} />
    </tr>
  );
}

function GroupHead({ open, children }: { open: boolean; children: ReactNode }) {
  return (
    <span className="group-head">
      <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true" className={open ? "fold fold-open" : "fold"}>
        <path d="m4 2 4 4-4 4" fill="none" stroke="currentColor" strokeWidth="1.6" />
      </svg>
      {children}
    </span>
  );
}

function Head<Row>({ column, sort, onSort }: { column: Column<Row>; sort?: string | undefined; onSort?: ((sort: string | undefined) => void) | undefined }) {
  const key = column.sort;
  if (column.head === "") return <td className={classOf(column)} />;
  if (!key || !onSort) {
    return (
      <th scope="col" className={classOf(column)}>
        {column.head}
      </th>
    );
  }
  const held = parseSort(sort).find((it) => it.name === key);
  const order = held ? (held.down ? "descending" : "ascending") : "none";
  return (
    <th scope="col" className={classOf(column)} aria-sort={order}>
      <button type="button" className="sort" onClick={(event) => onSort(nextSort(sort, key, event.shiftKey))}>
        {column.head}
        <span aria-hidden="true" className="sort-arrow">
          {held ? (held.down ? "↓" : "↑") : ""}
        </span>
      </button>
    </th>
  );
}

/** Two lines: what it is, and why it is here. */
export function TwoLines({ first, second }: { first: ReactNode; second: ReactNode }) {
  return (
    <span className="two">
      <span className="two-first" title={typeof first === "string" ? first : undefined}>
        {first}
      </span>
      <span className="two-second" title={typeof second === "string" ? second : undefined}>
        {second}
      </span>
    </span>
  );
}

export function Skeleton({ rows = 8, lines = 1 }: { rows?: number; lines?: 1 | 2 }) {
  return (
    <div className="skeleton" role="status" aria-label={words.state.loading}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className={`skeleton-row lines-${lines}`}>
          <span className="skeleton-box" />
          <span className={`skeleton-bar w${(index * 7) % 4}`} />
          <span className="skeleton-bar w-end" />
        </div>
      ))}
    </div>
  );
}
