// Jobs for those who do them: no flaw numbers, places in their stead.

import type { Job, Worklist } from "../../api/draft";
import { useList } from "../../api/queries";
import { useAddress } from "../../app/place";
import { roleOf, usePerson } from "../../app/person";
import { text, words } from "../../messages";
import { Due } from "../../parts/Due";
import { Filter } from "../../parts/filter/Filter";
import { Head } from "../../parts/Head";
import { DecisionMark, Gate } from "../../parts/marks/Chip";
import { count } from "../../parts/numbers";
import { Loading, Trouble } from "../../parts/states";
import { type Column, Skeleton, Table, TwoLines } from "../../parts/table/Table";
import { Owner } from "../../parts/Who";
import { JobPanel } from "../worklist/JobPanel";
import { whyOf } from "../worklist/why";
import "../worklist/worklist.css";
import "../../parts/panel.css";

const t = text.week;

const COLUMNS: Column<Job>[] = [
  { key: "mark", head: <span className="unseen">{t.column.state}</span>, width: "40", sort: "urgency", cell: (it) => <DecisionMark value={it.decision} /> },
  { key: "job", head: t.column.job, cell: (it) => <TwoLines first={it.title} second={whyOf(it)} /> },
  { key: "devices", head: t.column.devices, width: "84", right: true, cell: (it) => count(it.devices) },
  { key: "due", head: t.column.due, width: "110", sort: "due", cell: (it) => <Due at={it.due} overdue={it.overdue} /> },
  { key: "gate", head: t.column.gate, width: "160", narrow: "hide", cell: (it) => (it.gated ? <Gate /> : <span className="faint">{words.none}</span>) },
  { key: "owner", head: <span className="unseen">{text.worklist.column.owner}</span>, width: "48", cell: (it) => <Owner name={it.owner} /> },
];

export default function Jobs() {
  const [search, change] = useAddress();
  const role = roleOf(usePerson());
  const filter = search["filter"] ?? (role === "biomed" ? 'owner == "Clinical engineering"' : "");
  const list = useList<Worklist<Job>>("/worklist", { filter, sort: search["sort"], limit: 100 });
  const rows = list.data?.pages.flatMap((it) => it.rows) ?? [];
  const open = search["open"];
  return (
    <div className={`split${open ? " split-open" : ""}`}>
      <div className="split-list">
        <Head title={t.jobsName} beside={list.data?.pages[0]?.sentence.words}>
          <div className="tools no-print">
            <Filter filter={filter} set={(next) => change({ filter: next ?? " " })} />
          </div>
        </Head>
        {list.data ? (
          <Table
            label={t.jobs}
            columns={open ? COLUMNS.filter((it) => it.key !== "gate") : COLUMNS}
            entries={rows.map((row) => ({ kind: "row", id: row.id, row }))}
            lines={2}
            open={open}
            onOpen={(id) => change({ open: id })}
            sort={search["sort"]}
            onSort={(sort) => change({ sort })}
            onEnd={list.hasNextPage && !list.isFetchingNextPage ? () => void list.fetchNextPage() : undefined}
            empty={<p className="pad">{t.none}</p>}
          />
        ) : list.error ? (
          <div className="pad">
            <Trouble problem={list.error} what={t.jobsName} retry={() => void list.refetch()} />
          </div>
        ) : (
          <Loading what={t.jobsName} shape={<Skeleton rows={12} lines={2} />} />
        )}
      </div>
      {open && <JobPanel id={open} close={() => change({ open: undefined })} say={() => undefined} />}
    </div>
  );
}
