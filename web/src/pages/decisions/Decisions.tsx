// What people decided, and why: the record.

import { useState } from "react";
import type { DecisionRecord, Page } from "../../api/draft";
import { useList } from "../../api/queries";
import { useAddress } from "../../app/place";
import { Go } from "../../app/Link";
import { useMayDecide } from "../../app/person";
import { text, words } from "../../messages";
import { useCommands } from "../../parts/card/steps";
import { when } from "../../parts/dates";
import { Head } from "../../parts/Head";
import { Chip } from "../../parts/marks/Chip";
import { Step } from "../../parts/Step";
import { Loading, Trouble } from "../../parts/states";
import { type Column, Skeleton, Table, TwoLines } from "../../parts/table/Table";
import "../worklist/worklist.css";
import "../../parts/panel.css";

const t = text.decisions;

export default function Decisions() {
  const [search, change] = useAddress();
  const waiting = search["waiting"] === "true";
  const list = useList<Page<DecisionRecord>>("/decisions", { waiting: waiting || undefined, limit: 100 });
  const rows = list.data?.pages.flatMap((it) => it.rows) ?? [];
  const mayDecide = useMayDecide();
  const [taking, setTaking] = useState<DecisionRecord | null>(null);
  const [said, setSaid] = useState("");
  const send = useCommands(setSaid);
  const columns: Column<DecisionRecord>[] = [
    { key: "number", head: "", width: "64", right: true, cell: (it) => <span className="faint">{it.number}</span> },
    { key: "what", head: t.column.what, cell: (it) => <TwoLines first={it.link ? <Go to={it.link} className="name">{it.words}</Go> : it.words} second={it.reason} /> },
    { key: "by", head: t.column.by, width: "180", cell: (it) => <TwoLines first={it.by} second={it.second ? t.second(it.second) : words.none} /> },
    { key: "at", head: t.column.at, width: "130", cell: (it) => <span className="quiet">{when(it.at)}</span> },
    { key: "state", head: t.column.state, width: "270", cell: (it) => (it.waits_for ? <Chip kind="claimed">{t.waits(it.waits_for)}</Chip> : it.holds ? t.holds : <span className="faint">{t.takenBack}</span>) },
    ...(mayDecide
      ? [{ key: "back", head: "", width: "110", narrow: "hide" as const, cell: (it: DecisionRecord) => (it.holds ? <button type="button" className="btn btn-link" onClick={() => setTaking(it)}>{t.takeBack}</button> : null) }]
      : []),
  ];
  return (
    <div className="split">
      <div className="split-list">
        <Head title={t.title} beside={t.beside}>
          <div className="tools no-print">
            <div className="segments" role="group" aria-label={t.view}>
              <button type="button" aria-pressed={!waiting} onClick={() => change({ waiting: undefined })}>
                {t.all}
              </button>
              <button type="button" aria-pressed={waiting} onClick={() => change({ waiting: "true" })}>
                {t.waiting}
              </button>
            </div>
            <span role="status">{said}</span>
          </div>
        </Head>
        {list.data ? (
          <Table
            label={t.label}
            columns={columns}
            entries={rows.map((row) => ({ kind: "row", id: String(row.number), row }))}
            lines={2}
            onEnd={list.hasNextPage && !list.isFetchingNextPage ? () => void list.fetchNextPage() : undefined}
            empty={<p className="pad">{t.none}</p>}
          />
        ) : list.error ? (
          <div className="pad">
            <Trouble problem={list.error} what={t.title} retry={() => void list.refetch()} />
          </div>
        ) : (
          <Loading what={t.title} shape={<Skeleton rows={8} lines={2} />} />
        )}
      </div>
      {taking && (
        <Step
          title={t.takeBackStep.title(taking.number)}
          consequence={<p>{t.takeBackStep.consequence}</p>}
          verb={t.takeBackStep.verb}
          close={() => setTaking(null)}
          run={(reason, key) => send((why) => [{ command: "take_back", number: taking.number, reason: why }], reason, key)}
        />
      )}
    </div>
  );
}
