// Do we know what we have?  Devices, coverage by source and unit, four queues with
// one next step a row.

import { useState } from "react";
import { write } from "../../api/client";
import type { AssetRow, Inventory as Answer, Page, Queue, QueueRow } from "../../api/draft";
import { client, useList, useRead } from "../../api/queries";
import { go, useAddress } from "../../app/place";
import { assetLink, Go } from "../../app/Link";
import { useMayWrite } from "../../app/person";
import { text, words } from "../../messages";
import { Coverage } from "../../parts/charts/charts";
import { day, when } from "../../parts/dates";
import { Filter } from "../../parts/filter/Filter";
import { Head, Pane, Part, Tabs } from "../../parts/Head";
import { Age, Chip, DecisionMark } from "../../parts/marks/Chip";
import { Mark } from "../../parts/marks/Mark";
import { count } from "../../parts/numbers";
import { Step } from "../../parts/Step";
import { Loading, Shown, Trouble } from "../../parts/states";
import { useColumns } from "../../parts/table/columns";
import { type Column, Skeleton, Table, TwoLines } from "../../parts/table/Table";
import "../worklist/worklist.css";
import "../../parts/panel.css";
import "./inventory.css";

const t = text.inventory;
type Tab = "devices" | "coverage" | "queues";
const QUEUES: Queue[] = ["seen_not_owned", "owned_not_seen", "stale", "duplicate"];

export default function Inventory() {
  const [search, change] = useAddress();
  const answer = useRead<Answer>("/inventory");
  const mayWrite = useMayWrite();
  const queue = search["queue"] as Queue | undefined;
  const tab: Tab = queue ? "queues" : ((search["tab"] as Tab | undefined) ?? "devices");
  return (
    <Shown of={answer} what={t.title}>
      {(it) => {
        const waiting = QUEUES.reduce((sum, name) => sum + it.queues[name], 0);
        return (
          <div className="inventory">
            <Head
              title={t.title}
              detail={it.sentence.words}
              actions={
                mayWrite && (
                  <>
                    <Go to="/inventory/import" className={waiting > 0 ? "btn" : "btn btn-filled"}>
                      {t.import}
                    </Go>
                    {waiting > 0 && (
                      <Go to="/inventory" search={{ queue: QUEUES.find((name) => it.queues[name] > 0), tab: undefined }} className="btn btn-filled">
                        {t.settleNext}
                      </Go>
                    )}
                  </>
                )
              }
            />
            <Tabs
              label={t.tabs.label}
              at={tab}
              set={(key) => change({ tab: key === "devices" ? undefined : key, queue: key === "queues" ? "seen_not_owned" : undefined, filter: undefined })}
              tabs={[
                { key: "devices", words: t.tabs.devices },
                { key: "coverage", words: t.tabs.coverage },
                { key: "queues", words: t.tabs.queues, count: waiting },
              ]}
            />
            {tab === "devices" && <Devices />}
            {tab === "coverage" && <CoveragePane answer={it} />}
            {tab === "queues" && <Queues answer={it} at={queue ?? "seen_not_owned"} />}
          </div>
        );
      }}
    </Shown>
  );
}

const COLUMNS: Column<AssetRow>[] = [
  { key: "mark", head: <span className="unseen">{t.column.decision}</span>, width: "40", sort: "decision", cell: (it) => (it.decision ? <DecisionMark value={it.decision} /> : <span className="unseen">{t.noneJudged}</span>) },
  {
    key: "device",
    head: t.column.device,
    sort: "title",
    cell: (it) => (
      <TwoLines
        first={
          <Go to={assetLink(it.id)} className="name">
            {it.title}
          </Go>
        }
        second={[[it.maker, it.model].filter(Boolean).join(" "), it.id].filter(Boolean).join(" · ")}
      />
    ),
  },
  { key: "conflict", head: "", width: "150", narrow: "hide", cell: (it) => (it.conflict ? <Chip kind="dashed">{t.conflict}</Chip> : null) },
  { key: "unit", words: t.column.unit, head: t.column.unit, width: "180", sort: "unit", cell: (it) => it.unit ?? <Mark name="not_evaluable" words={words.noUnit} /> },
  { key: "exposures", words: t.column.exposures, head: t.column.exposures, width: "96", right: true, sort: "exposures", cell: (it) => (it.decision === null ? <span className="faint">{words.none}</span> : count(it.exposures)) },
  { key: "sources", words: t.column.sources, head: t.column.sources, width: "84", right: true, sort: "sources", narrow: "hide", cell: (it) => it.sources },
  { key: "category", words: t.column.category, extra: true, head: t.column.category, width: "100", sort: "category", cell: (it) => it.category ?? <Mark name="not_evaluable" words={words.notKnown} /> },
  { key: "harm", words: t.column.harm, extra: true, head: t.column.harm, width: "80", right: true, sort: "harm", cell: (it) => it.harm ?? <Mark name="not_evaluable" words={words.notKnown} /> },
  { key: "seen", words: t.column.seen, head: t.column.seen, width: "100", sort: "seen", cell: (it) => (it.seen ? day(it.seen) : <Mark name="not_evaluable" words={words.notKnown} />) },
];

interface AssetList extends Page<AssetRow> {
  totals: { devices: number; judged: number };
  undecidable: number;
}

function Devices() {
  const [search, change] = useAddress();
  const filter = search["filter"] ?? "";
  const list = useList<AssetList>("/assets", { filter, sort: search["sort"], limit: 100 });
  const rows = list.data?.pages.flatMap((it) => it.rows) ?? [];
  const first = list.data?.pages[0];
  const [columns, menu] = useColumns("inventory", COLUMNS);
  return (
    <Pane name="devices" className="inventory-devices">
      <div className="tools inventory-tools no-print">
        <Filter filter={filter} set={(next) => change({ filter: next })} />
        {menu}
        {first && <span className="faint">{words.count.devices(first.totals.devices)}</span>}
        {first && first.undecidable > 0 && <span className="faint">{words.state.undecidable(first.undecidable)}</span>}
      </div>
      {list.data ? (
        <Table
          label={t.devicesLabel}
          columns={columns}
          entries={rows.map((row) => ({ kind: "row", id: row.id, row }))}
          lines={2}
          sort={search["sort"]}
          onSort={(sort) => change({ sort })}
          onOpen={(id) => go(assetLink(id))}
          onEnd={list.hasNextPage && !list.isFetchingNextPage ? () => void list.fetchNextPage() : undefined}
          empty={<p className="pad">{words.state.emptyFilter}</p>}
        />
      ) : list.error ? (
        <div className="pad">
          <Trouble problem={list.error} what={t.title} retry={() => void list.refetch()} />
        </div>
      ) : (
        <Loading what={t.title} shape={<Skeleton rows={12} lines={2} />} />
      )}
    </Pane>
  );
}

function CoveragePane({ answer }: { answer: Answer }) {
  const c = t.coverageColumn;
  return (
    <Pane name="coverage" className="pane said inventory-coverage">
      <Part title={t.bySource}>
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{c.source}</th>
              <th scope="col" className="coverage-col">
                <span className="unseen">{t.tabs.coverage}</span>
              </th>
              <th scope="col" className="num">
                {c.judged}
              </th>
              <th scope="col" className="num">
                {c.unknown}
              </th>
              <th scope="col">{c.last}</th>
            </tr>
          </thead>
          <tbody>
            {answer.coverage.by_source.map((it) => (
              <tr key={it.source}>
                <td>
                  <b>{it.source}</b>
                </td>
                <td>
                  <Coverage judged={it.judged} unknown={it.not_evaluable} label={it.source} />
                </td>
                <td className="num">{words.count.of(it.judged, it.seen)}</td>
                <td className="num">{count(it.not_evaluable)}</td>
                <td>
                  {it.age_days !== null && it.limit_days !== null && it.age_days > it.limit_days ? <Age days={it.age_days} limit={it.limit_days} /> : it.last ? <span className="quiet">{when(it.last)}</span> : <Age days={null} missing />}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Part>
      <Part title={t.byUnit}>
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{t.column.unit}</th>
              <th scope="col" className="coverage-col">
                <span className="unseen">{t.tabs.coverage}</span>
              </th>
              <th scope="col" className="num">
                {c.judged}
              </th>
              <th scope="col" className="num">
                {c.unknown}
              </th>
            </tr>
          </thead>
          <tbody>
            {answer.coverage.by_unit.map((it) => (
              <tr key={it.unit ?? ""}>
                <td>{it.unit ? <Go to="/inventory" search={{ filter: `unit == "${it.unit}"`, tab: undefined }}>{it.unit}</Go> : words.noUnit}</td>
                <td>
                  <Coverage judged={it.judged} unknown={it.not_evaluable} label={it.unit ?? words.noUnit} />
                </td>
                <td className="num">{words.count.of(it.judged, it.seen)}</td>
                <td className="num">{count(it.not_evaluable)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Part>
    </Pane>
  );
}

function Queues({ answer, at }: { answer: Answer; at: Queue }) {
  const [, change] = useAddress();
  const list = useRead<Page<QueueRow>>(`/inventory/${at}`, { limit: 100 });
  const [settling, setSettling] = useState<QueueRow | null>(null);
  const [said, setSaid] = useState("");
  const mayWrite = useMayWrite();
  const columns: Column<QueueRow>[] = [
    { key: "device", head: t.queueColumn.device, cell: (it) => <TwoLines first={<Go to={assetLink(it.asset.id)} className="name">{it.asset.title}</Go>} second={[[it.asset.maker, it.asset.model].filter(Boolean).join(" "), it.asset.id].filter(Boolean).join(" · ")} /> },
    { key: "why", head: t.queueColumn.why, cell: (it) => <TwoLines first={it.why} second={it.asset.unit ?? words.noUnit} /> },
    {
      key: "next",
      head: t.queueColumn.next,
      width: "200",
      cell: (it) =>
        mayWrite ? (
          <button type="button" className="btn btn-link" onClick={() => setSettling(it)}>
            {it.step.words}...
          </button>
        ) : (
          <span className="faint">{it.step.words}</span>
        ),
    },
  ];
  const rows = list.data?.rows ?? [];
  return (
    <Pane name="queues" className="inventory-queues">
      <nav className="queue-list" aria-label={t.tabs.queues}>
        {QUEUES.map((name) => (
          <button key={name} type="button" aria-pressed={name === at} onClick={() => change({ queue: name })}>
            <span className="spread">
              <b>{t.queue[name]}</b>
              <span className="figures">{count(answer.queues[name])}</span>
            </span>
            <span className="faint small">{t.queueWords[name]}</span>
          </button>
        ))}
      </nav>
      <div className="split-list">
        <p className="unseen" role="status">
          {said}
        </p>
        {list.data ? (
          <Table label={t.queue[at]} columns={columns} entries={rows.map((row) => ({ kind: "row", id: row.id, row }))} lines={2} onOpen={mayWrite ? (_, row) => setSettling(row) : undefined} empty={<p className="pad reading">{t.empty}</p>} />
        ) : list.error ? (
          <div className="pad">
            <Trouble problem={list.error} what={t.queue[at]} retry={() => void list.refetch()} />
          </div>
        ) : (
          <Loading what={t.queue[at]} />
        )}
      </div>
      {settling && <SettleStep queue={at} row={settling} close={() => setSettling(null)} done={setSaid} />}
    </Pane>
  );
}

function SettleStep({ queue, row, close, done }: { queue: Queue; row: QueueRow; close: () => void; done: (words: string) => void }) {
  const [value, setValue] = useState("");
  const { kind, other } = row.step;
  const s = t.step[kind];
  const twin = other ?? value.trim();
  const title = kind === "merge" ? t.step.merge.title(row.asset.title, other ?? t.step.merge.another) : t.step[kind].title(row.asset.title);
  return (
    <Step
      title={title}
      consequence={<p>{s.consequence}</p>}
      verb={s.verb}
      close={close}
      ready={kind === "merge" ? twin !== "" : value.trim() !== ""}
      run={async (reason, key) => {
        // Two that are one is a decision like others; the rest is told to the queue.
        if (kind === "merge") await write("/decisions", { command: "merge", assets: [row.asset.id, twin], reason }, { key });
        else await write(`/inventory/${queue}/${encodeURIComponent(row.id)}`, { step: kind, value: value || null, reason }, { key });
        await client.invalidateQueries({ predicate: ({ queryKey }) => /^\/(inventory|assets)/.test(String(queryKey[0])) });
        done(s.verb);
      }}
    >
      {kind === "confirm" ? (
        <fieldset className="stack gap8">
          <legend>{s.field}</legend>
          {(["here", "gone"] as const).map((it) => (
            <label key={it} className="tick">
              <input type="radio" name="still" checked={value === it} onChange={() => setValue(it)} />
              <span>{t.step.confirm[it]}</span>
            </label>
          ))}
        </fieldset>
      ) : (
        (kind !== "merge" || !other) && (
          <div className="field">
            <label htmlFor="settle-value">{s.field}</label>
            <input id="settle-value" className="input" value={value} data-autofocus onChange={(event) => setValue(event.target.value)} />
          </div>
        )
      )}
    </Step>
  );
}
