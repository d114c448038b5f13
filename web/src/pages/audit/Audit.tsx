// Who, what, when, why: every entry with its proof.

import type { Audit as Answer, AuditRow } from "../../api/draft";
import { useList } from "../../api/queries";
import { useAddress } from "../../app/place";
import { Go } from "../../app/Link";
import { text } from "../../messages";
import { time, when } from "../../parts/dates";
import { Head } from "../../parts/Head";
import { Chip } from "../../parts/marks/Chip";
import { count, middleCut } from "../../parts/numbers";
import { Loading, Trouble } from "../../parts/states";
import { type Column, Skeleton, Table, TwoLines } from "../../parts/table/Table";
import "../worklist/worklist.css";
import "./audit.css";
import "../../parts/panel.css";

const t = text.audit;

const COLUMNS: Column<AuditRow>[] = [
  { key: "entry", head: t.column.entry, width: "104", right: true, cell: (it) => <span className="faint">{count(it.entry)}</span> },
  { key: "at", head: t.column.at, width: "120", cell: (it) => <span className="quiet">{when(it.at)}</span> },
  { key: "by", head: t.column.by, width: "160", cell: (it) => it.by },
  { key: "what", head: t.column.what, cell: (it) => <TwoLines first={it.link ? <Go to={it.link} className="name">{`${it.action} ${it.subject}`}</Go> : `${it.action} ${it.subject}`} second={it.reason ?? "–"} /> },
  { key: "proof", head: t.column.proof, width: "170", narrow: "hide", cell: (it) => (it.digest ? <span className="mono faint" title={it.digest}>{middleCut(it.digest, 17)}</span> : <span className="faint">–</span>) },
];

export default function Audit() {
  const [search, change] = useAddress();
  const list = useList<Answer>("/audit", { by: search["by"], what: search["what"], limit: 100 });
  const rows = list.data?.pages.flatMap((it) => it.rows) ?? [];
  const first = list.data?.pages[0];
  return (
    <div className="split">
      <div className="split-list">
        <Head title={t.title} beside={first ? t.beside(first.entries) : undefined}>
          <div className="tools no-print">
            <label className="row">
              <span className="faint">{t.filterBy}</span>
              <input className="input audit-filter" defaultValue={search["by"] ?? ""} placeholder={t.any} onBlur={(event) => change({ by: event.target.value || undefined })} onKeyDown={(event) => event.key === "Enter" && change({ by: event.currentTarget.value || undefined })} />
            </label>
            <label className="row">
              <span className="faint">{t.filterWhat}</span>
              <input className="input audit-filter" defaultValue={search["what"] ?? ""} placeholder={t.any} onBlur={(event) => change({ what: event.target.value || undefined })} onKeyDown={(event) => event.key === "Enter" && change({ what: event.currentTarget.value || undefined })} />
            </label>
            {first?.verified && (
              <Go to="/verify" className="push">
                {first.verified.holds ? (
                  <Chip kind="verified" mark="verified">
                    {t.holds(first.verified.to, time(first.verified.at))}
                  </Chip>
                ) : (
                  <Chip kind="lapsed" mark="lapsed">
                    {t.broken(first.verified.to)}
                  </Chip>
                )}
              </Go>
            )}
          </div>
        </Head>
        {list.data ? (
          <Table label={t.label} columns={COLUMNS} entries={rows.map((row) => ({ kind: "row", id: String(row.entry), row }))} lines={2} onEnd={list.hasNextPage && !list.isFetchingNextPage ? () => void list.fetchNextPage() : undefined} />
        ) : list.error ? (
          <div className="pad">
            <Trouble problem={list.error} what={t.title} retry={() => void list.refetch()} />
          </div>
        ) : (
          <Loading what={t.title} shape={<Skeleton rows={14} lines={2} />} />
        )}
      </div>
    </div>
  );
}
