// A list that stays still: what changes is marked in place, and the new order is
// shown when the person asks for it (R).

import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { read } from "../api/client";
import { useLiveState } from "../app/live";
import { useMoment } from "../api/queries";
import { differences } from "./differences";

/** Reads the same list again in the background after each change that was told. */
export function useChanged<Row>(path: string, params: Record<string, string | number | undefined>, rows: Row[], keyOf: (row: Row) => string, on: boolean) {
  const { changes } = useLiveState();
  const queries = useQueryClient();
  const moment = useMoment();
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const seen = useRef(changes);
  const now = useRef({ rows, keyOf });
  now.current = { rows, keyOf };
  const all = useMemo(() => JSON.stringify({ ...params, ...moment }), [params, moment]);

  useEffect(() => {
    if (!on || changes === seen.current) return;
    seen.current = changes;
    const stop = new AbortController();
    read<{ rows: Row[] }>(path, JSON.parse(all), stop.signal)
      .then((answer) => {
        const found = differences(now.current.rows, answer.rows, now.current.keyOf);
        setMarked((before) => new Set([...before, ...found]));
      })
      .catch(() => undefined);
    return () => stop.abort();
  }, [changes, on, path, all]);

  const show = useCallback(async () => {
    setMarked(new Set());
    await queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === path || queryKey[0] === "/today" });
  }, [queries, path]);
  return { marked, show };
}

/** Picks stay over filters and pages. */
export function usePicks() {
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  return useMemo(
    () => ({
      all: picked,
      count: picked.size,
      has: (id: string) => picked.has(id),
      set: (ids: string[], on: boolean) =>
        setPicked((before) => {
          const next = new Set(before);
          for (const id of ids) {
            if (on) next.add(id);
            else next.delete(id);
          }
          return next;
        }),
      clear: () => setPicked(new Set()),
    }),
    [picked],
  );
}
