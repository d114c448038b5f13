// What do we fix, in which order, and why?  By fix, flat or by unit; the panel
// holds the full explanation; picks stay over filters and pages.

import { IconDownload } from "@tabler/icons-react";
import { lazy, type ReactNode, Suspense, useMemo, useState } from "react";
import { exportLink } from "../../api/client";
import type { Decision, ExposureRow, Group, Job, Worklist as Answer } from "../../api/draft";
import { useList, useMoment, useRead } from "../../api/queries";
import { useAddress } from "../../app/place";
import { exposureLink, Go } from "../../app/Link";
import { useMayDecide } from "../../app/person";
import { text, words } from "../../messages";
import { Due } from "../../parts/Due";
import { Filter } from "../../parts/filter/Filter";
import { and, quote } from "../../parts/filter/language";
import { Head } from "../../parts/Head";
import { useKeys } from "../../parts/keys";
import { useChanged, usePicks } from "../../parts/listing";
import { DecisionMark } from "../../parts/marks/Chip";
import { Mark } from "../../parts/marks/Mark";
import { count, probability } from "../../parts/numbers";
import { Loading, Trouble } from "../../parts/states";
import { useColumns } from "../../parts/table/columns";
import { type Column, type Entry, Skeleton, Table, TwoLines } from "../../parts/table/Table";
import { Owner } from "../../parts/Who";
import { whyOf } from "./why";
import "../../parts/panel.css";
import "./worklist.css";

const SavedViews = lazy(() => import("./SavedViews"));
const DeferStep = lazy(() => import("../../parts/card/steps").then((it) => ({ default: it.DeferStep })));
const AssignStep = lazy(() => import("../../parts/card/steps").then((it) => ({ default: it.AssignStep })));
const JobPanel = lazy(() => import("./JobPanel").then((it) => ({ default: it.JobPanel })));
const ExposurePanel = lazy(() => import("./ExposurePanel").then((it) => ({ default: it.ExposurePanel })));

const t = text.worklist;
const ORDER: Decision[] = ["act_now", "schedule", "defer", "monitor", "not_evaluable"];
/** How many rows of a group are shown before a person asks for more. */
const FIRST: Record<string, number> = { act_now: 50, schedule: 8, defer: 6, monitor: 4, not_evaluable: 4 };

type View = "jobs" | "exposures" | "unit";

export default function Worklist() {
  const [search, change] = useAddress();
  const view = (search["view"] ?? "jobs") as View;
  const filter = search["filter"] ?? "";
  // The same question as the rail's count, where there is no filter: asked once.
  const totals = useRead<Answer<Job>>("/worklist", { filter: filter || undefined, limit: 1 });
  const picks = usePicks();
  const mayDecide = useMayDecide();
  const [said, setSaid] = useState("");
  const open = search["open"];
  const data = totals.data;

  return (
    <div className={`split${open ? " split-open" : ""}`}>
      <div className="split-list">
        <Head title={t.title} name={t.title} beside={data?.sentence.words}>
          <div className="tools no-print">
            <div className="segments" role="group" aria-label={t.view.label}>
              {(["jobs", "exposures", "unit"] as View[]).map((it) => (
                <button key={it} type="button" aria-pressed={view === it} onClick={() => change({ view: it === "jobs" ? undefined : it, sort: undefined, open: undefined })}>
                  {t.view[it]}
                </button>
              ))}
            </div>
            <Filter filter={filter} set={(next) => change({ filter: next })} />
            <Suspense fallback={<span className="btn tools-plain">{t.views}</span>}>
              <SavedViews />
            </Suspense>
            <ExportButton view={view} filter={filter} sort={search["sort"]} />
          </div>
          {data && data.undecidable > 0 && (
            <p className="undecidable">
              <Mark name="not_evaluable" /> {words.state.undecidable(data.undecidable)}
            </p>
          )}
          <span className="unseen" role="status">
            {said}
          </span>
        </Head>
        {totals.error && !data ? (
          <div className="pad">
            <Trouble problem={totals.error} what={t.title} retry={() => void totals.refetch()} />
            {filter && (
              <p className="card-after">
                <button type="button" className="btn" onClick={() => change({ filter: undefined })}>
                  {words.state.clearFilter}
                </button>
              </p>
            )}
          </div>
        ) : view === "exposures" ? (
          <Flat filter={filter} total={data?.totals.exposures ?? null} />
        ) : view === "unit" ? (
          <ByUnit filter={filter} picks={mayDecide ? picks : undefined} say={setSaid} />
        ) : (
          <ByFix filter={filter} totals={data} picks={mayDecide ? picks : undefined} say={setSaid} />
        )}
      </div>
      <Suspense fallback={<aside className="panel" />}>
        {open &&
        (view === "exposures" || open.includes("/") ? (
          <ExposurePanel of={open} close={() => change({ open: undefined })} say={setSaid} />
        ) : (
          <JobPanel id={open} close={() => change({ open: undefined })} say={setSaid} />
        ))}
      </Suspense>
    </div>
  );
}

type Picks = ReturnType<typeof usePicks>;

function columnsOfJobs(marked: ReadonlySet<string>): Column<Job>[] {
  return [
    { key: "mark", head: <span className="unseen">{t.column.decision}</span>, width: "28", cell: (it) => <DecisionMark value={it.decision} /> },
    {
      key: "job",
      head: t.column.job,
      cell: (it) => <TwoLines first={it.title} second={whyOf(it)} />,
    },
    { key: "changed", head: "", width: "28", cell: (it) => (marked.has(it.id) ? <Mark name="woke" words={text.table.changed} /> : null) },
    { key: "devices", head: t.column.devices, width: "72", right: true, cell: (it) => count(it.devices) },
    { key: "due", head: t.column.due, width: "104", sort: "due", cell: (it) => <Due at={it.due} overdue={it.overdue} /> },
    { key: "owner", head: <span className="unseen">{t.column.owner}</span>, width: "44", cell: (it) => <Owner name={it.owner} /> },
  ];
}

function useJobKeys(picks: Picks | undefined, rows: Map<string, Job>, focused: string | null, show: () => void, say: (words: string) => void) {
  const [, change] = useAddress();
  const mayDecide = useMayDecide();
  const { site } = useMoment();
  const [step, setStep] = useState<"defer" | "assign" | null>(null);
  const chosen = picks && picks.count > 0 ? [...picks.all].flatMap((id) => rows.get(id) ?? []) : focused ? [rows.get(focused)].flatMap((it) => it ?? []) : [];
  useKeys([
    { key: "r", words: t.keys.refresh, run: show, foot: true },
    ...(mayDecide
      ? [
          { key: "d", words: t.keys.decide, run: () => (chosen.length > 0 ? setStep("defer") : undefined), foot: true },
          { key: "a", words: t.keys.assign, run: () => (chosen.length > 0 ? setStep("assign") : undefined), foot: true },
        ]
      : []),
    { key: "e", words: t.keys.evidence, run: () => (focused ? change({ open: focused }) : undefined) },
  ]);
  const close = () => setStep(null);
  const done = (it: string) => {
    picks?.clear();
    say(it);
  };
  const dialog =
    step === "defer" ? (
      <DeferStep subjects={chosen} close={close} done={done} make={(wires, reason) => import("../../parts/card/steps").then((it) => it.deferJobs(chosen.filter((one) => !one.kev).map((one) => one.id), site, wires, reason))} />
    ) : step === "assign" ? (
      <AssignStep jobs={chosen} close={close} done={done} />
    ) : null;
  return { dialog, setStep, chosen };
}

function ByFix({ filter, totals, picks, say }: { filter: string; totals: Answer<Job> | undefined; picks: Picks | undefined; say: (words: string) => void }) {
  const [search, change] = useAddress();
  const sort = search["sort"];
  const [shut, setShut] = useState<ReadonlySet<Decision>>(new Set());
  const [wide, setWide] = useState<ReadonlySet<Decision>>(new Set());
  const groups = ORDER.map((decision) => ({ decision, ...useGroup(decision, filter, sort, wide.has(decision)) }));
  const [focused, setFocused] = useState<string | null>(null);

  const all = useMemo(() => new Map(groups.flatMap((it) => it.rows.map((row) => [row.id, row] as const))), [groups]);
  // A row is marked where it stands, in whichever group; all groups are shown anew together.
  const marked = useMemo(() => new Set(groups.flatMap((it) => [...it.live.marked])), [groups]);
  const show = () => {
    void Promise.all(groups.map((it) => it.live.show())).then(() => say(marked.size > 0 ? words.count.rows(marked.size) : ""));
  };
  const keys = useJobKeys(picks, all, focused, show, say);

  if (!totals || groups.some((it) => it.loading && it.rows.length === 0 && (totals.totals.by_decision[it.decision]?.jobs ?? 0) > 0)) {
    return <Loading what={t.title} shape={<Skeleton rows={14} lines={2} />} />;
  }
  const entries: Entry<Job>[] = groups.flatMap(({ decision, rows, more, load }): Entry<Job>[] => {
    const counts = totals.totals.by_decision[decision];
    if (!counts || counts.jobs === 0) return [];
    const open = !shut.has(decision);
    const head: Entry<Job> = {
      kind: "group",
      id: `group-${decision}`,
      open,
      hatched: decision === "not_evaluable",
      toggle: () => {
        const next = new Set(shut);
        if (open) next.add(decision);
        else next.delete(decision);
        setShut(next);
      },
      head: (
        <>
          <DecisionMark value={decision} />
          <b aria-hidden="true">{words.decisionShort[decision]}</b>
          <span className="quiet">{t.groupBeside(words.count.jobs(counts.jobs), words.count.exposures(counts.exposures))}</span>
        </>
      ),
    };
    if (!open) return [head];
    const left = counts.jobs - rows.length;
    return [
      head,
      ...rows.map((row): Entry<Job> => ({ kind: "row", id: row.id, row, changed: marked.has(row.id) })),
      ...(more || left > 0 ? [{ kind: "more" as const, id: `more-${decision}`, words: words.more(left > 0 ? left : null), load: () => { setWide(new Set([...wide, decision])); load(); } }] : []),
    ];
  });

  return (
    <>
      <Table
        label={t.label}
        columns={columnsOfJobs(marked)}
        entries={entries}
        lines={2}
        open={search["open"]}
        onOpen={(id) => change({ open: id })}
        onFocusRow={setFocused}
        picks={picks}
        sort={sort}
        onSort={(next) => change({ sort: next })}
        empty={<Empty filter={filter} />}
        foot={<Foot picks={picks} rows={all} marked={marked.size} show={show} step={keys.setStep} decide={picks !== undefined} />}
      />
      <Suspense fallback={null}>{keys.dialog}</Suspense>
    </>
  );
}

function useGroup(decision: Decision, filter: string, sort: string | undefined, wide: boolean) {
  const limit = wide ? 100 : (FIRST[decision] ?? 6);
  const params = useMemo(() => ({ filter: and(filter, `decision == "${decision}"`), sort, limit }), [decision, filter, sort, limit]);
  const list = useList<Answer<Job>>("/worklist", params);
  const rows = list.data?.pages.flatMap((it) => it.rows) ?? [];
  // Of what was paged in later only the first page is compared.
  const live = useChanged<Job>("/worklist", params, rows.slice(0, limit), (it) => it.id, true);
  return { rows, live, more: list.hasNextPage, loading: list.isLoading, load: () => (wide ? void list.fetchNextPage() : undefined) };
}

function ByUnit({ filter, picks, say }: { filter: string; picks: Picks | undefined; say: (words: string) => void }) {
  const [search, change] = useAddress();
  const groups = useRead<{ rows: Group[] }>("/worklist/groups", { by: "unit", filter });
  const [open, setOpen] = useState<string | null>(null);
  const [focused, setFocused] = useState<string | null>(null);
  const inUnit = open === null ? "" : open === "" ? "!known(unit)" : `unit == ${quote(open)}`;
  const list = useList<Answer<Job>>("/worklist", { filter: and(filter, inUnit), sort: search["sort"], limit: 50 }, open !== null);
  const rows = open !== null ? (list.data?.pages.flatMap((it) => it.rows) ?? []) : [];
  const all = useMemo(() => new Map(rows.map((row) => [row.id, row])), [rows]);
  const keys = useJobKeys(picks, all, focused, () => void groups.refetch(), say);
  if (!groups.data) return groups.error ? <Trouble problem={groups.error} what={t.title} retry={() => void groups.refetch()} /> : <Loading what={t.title} shape={<Skeleton rows={12} />} />;
  const entries = groups.data.rows.flatMap((group): Entry<Job>[] => {
    const key = group.value ?? "";
    const jobs = Object.values(group.by_decision).reduce((sum, it) => sum + (it?.jobs ?? 0), 0);
    const of = (it: Decision) => group.by_decision[it]?.jobs || group.by_decision[it]?.exposures || 0;
    const worst = ORDER.find((it) => of(it) > 0);
    const isOpen = open === key;
    return [
      {
        kind: "group",
        id: `unit-${key}`,
        open: isOpen,
        hatched: group.value === null,
        toggle: () => setOpen(isOpen ? null : key),
        head: (
          <>
            {worst && <DecisionMark value={worst} />}
            <b>{group.value ?? words.noUnit}</b>
            <span className="quiet">{t.unitBeside(jobs > 0 ? words.count.jobs(jobs) : words.count.exposures(group.exposures), words.count.devices(group.devices), group.overdue)}</span>
            <span className="unit-counts">
              {ORDER.map((it) => {
                const n = of(it);
                return n > 0 ? (
                  <span key={it} className="unit-count">
                    <DecisionMark value={it} /> <span className="figures">{n}</span>
                  </span>
                ) : null;
              })}
            </span>
          </>
        ),
      },
      ...(isOpen ? rows.map((row): Entry<Job> => ({ kind: "row", id: row.id, row })) : []),
      ...(isOpen && list.hasNextPage ? [{ kind: "more" as const, id: `more-${key}`, words: words.more(null), load: () => void list.fetchNextPage() }] : []),
    ];
  });
  return (
    <>
      <Table
        label={t.unitLabel}
        lightGroups
        columns={columnsOfJobs(new Set())}
        entries={entries}
        lines={2}
        open={search["open"]}
        onOpen={(id) => change({ open: id })}
        onFocusRow={setFocused}
        picks={picks}
        sort={search["sort"]}
        onSort={(next) => change({ sort: next })}
        empty={<Empty filter={filter} />}
        foot={<Foot picks={picks} rows={all} marked={0} show={() => void groups.refetch()} step={keys.setStep} decide={picks !== undefined} />}
      />
      <Suspense fallback={null}>{keys.dialog}</Suspense>
    </>
  );
}

const EXPOSURE_COLUMNS: Column<ExposureRow>[] = [
  { key: "mark", head: <span className="unseen">{t.column.decision}</span>, width: "40", sort: "urgency", cell: (it) => <DecisionMark value={it.decision} /> },
  {
    key: "what",
    head: t.column.exposure,
    cell: (it) => (
      <TwoLines
        first={
          <Go to={exposureLink(it.asset.id, it.vulnerability)} className="name">
            {it.asset.title}
          </Go>
        }
        second={[`${it.component}${it.version ? ` ${it.version}` : ""}`, it.because].join(" · ")}
      />
    ),
  },
  { key: "flaw", words: text.vulnerability.list.flaw, head: text.vulnerability.list.flaw, width: "132", sort: "vulnerability", narrow: "hide", cell: (it) => <span className="faint">{it.vulnerability}</span> },
  { key: "unit", words: t.column.unit, extra: true, head: t.column.unit, width: "150", narrow: "hide", cell: (it) => it.asset.unit ?? <Mark name="not_evaluable" words={words.noUnit} /> },
  { key: "verdict", words: t.column.verdict, extra: true, head: t.column.verdict, width: "140", narrow: "hide", cell: (it) => words.verdict[it.verdict] },
  { key: "epss", words: t.column.epss, head: t.column.epss, width: "120", right: true, sort: "epss", narrow: "hide", cell: (it) => (it.epss === null ? <Mark name="not_evaluable" words={words.three.unknown} /> : probability(it.epss)) },
  { key: "cvss", words: t.column.cvss, head: t.column.cvss, width: "64", right: true, sort: "cvss", narrow: "hide", cell: (it) => it.cvss ?? <Mark name="not_evaluable" words={words.three.unknown} /> },
  { key: "due", words: t.column.due, head: t.column.due, width: "104", sort: "due", cell: (it) => <Due at={it.due} overdue={it.overdue} /> },
];

function Flat({ filter, total }: { filter: string; total: number | null }) {
  const [search, change] = useAddress();
  const sort = search["sort"];
  const params = { filter, sort, limit: 100 };
  const list = useList<Answer<ExposureRow>>("/exposures", params);
  const rows = list.data?.pages.flatMap((it) => it.rows) ?? [];
  const live = useChanged<ExposureRow>("/exposures", params, rows.slice(0, 100), keyOf, true);
  const show = () => void live.show();
  const [columns, menu] = useColumns("exposures", EXPOSURE_COLUMNS);
  useKeys([{ key: "r", words: t.keys.refresh, run: show }]);
  if (!list.data) return list.error ? <div className="pad"><Trouble problem={list.error} what={t.title} retry={() => void list.refetch()} /></div> : <Loading what={t.title} shape={<Skeleton rows={14} lines={2} />} />;
  return (
    <Table
      label={t.flatLabel}
      columns={search["open"] ? columns.filter((it) => ["mark", "what", "epss", "due"].includes(it.key)) : columns}
      entries={rows.map((row) => ({ kind: "row", id: keyOf(row), row }))}
      lines={2}
      open={search["open"]}
      onOpen={(id) => change({ open: id })}
      sort={sort}
      onSort={(next) => change({ sort: next })}
      onEnd={list.hasNextPage && !list.isFetchingNextPage ? () => void list.fetchNextPage() : undefined}
      empty={<Empty filter={filter} />}
      foot={<Foot picks={undefined} rows={new Map()} marked={live.marked.size} show={show} step={() => undefined} decide={false} shown={total === null ? undefined : words.count.of(rows.length, total)} menu={menu} />}
    />
  );
}

function keyOf(row: ExposureRow): string {
  return `${row.asset.id}/${row.vulnerability}/${row.component}`;
}

function Empty({ filter }: { filter: string }) {
  const [, change] = useAddress();
  return (
    <div className="state-body">
      <h2>{filter ? words.state.emptyFilter : t.empty}</h2>
      {filter && (
        <p>
          <button type="button" className="btn" onClick={() => change({ filter: undefined })}>
            {words.state.clearFilter}
          </button>
        </p>
      )}
    </div>
  );
}

function Foot({ picks, rows, marked, show, step, decide, shown, menu }: { picks: Picks | undefined; rows: Map<string, Job>; marked: number; show: () => void; step: (step: "defer" | "assign") => void; decide: boolean; shown?: string | undefined; menu?: ReactNode }) {
  const picked = picks && picks.count > 0 ? [...picks.all].flatMap((id) => rows.get(id) ?? []) : [];
  if (picks && picks.count > 0) {
    const gated = picked.filter((it) => it.gated).length;
    const kev = picked.filter((it) => it.kev).length;
    return (
      <div className="list-foot list-foot-bulk" role="status">
        <b>{t.bulk.picked(picks.count)}</b>
        {gated > 0 && <span>{t.bulk.gated(gated)}</span>}
        {kev > 0 && <span>{t.bulk.kev(kev)}</span>}
        <span className="push row wrap">
          <button type="button" className="btn" onClick={() => step("defer")}>
            {t.bulk.defer}
          </button>
          <button type="button" className="btn" onClick={() => step("assign")}>
            {t.bulk.assign}
          </button>
          <button type="button" className="btn btn-plain" onClick={picks.clear}>
            {t.bulk.clear}
          </button>
        </span>
      </div>
    );
  }
  return (
    <div className="list-foot">
      <span className="key">
        <kbd>J</kbd>
        <kbd>K</kbd> {t.foot.move}
      </span>
      {decide && (
        <>
          <span className="key">
            <kbd>X</kbd> {t.foot.pick}
          </span>
          <span className="key">
            <kbd>A</kbd> {t.foot.assign}
          </span>
          <span className="key">
            <kbd>D</kbd> {t.foot.decide}
          </span>
        </>
      )}
      <span className="key">
        <kbd>?</kbd> {t.foot.keys}
      </span>
      {shown && <span className="figures">{shown}</span>}
      {menu}
      <span className="push" aria-live="polite">
        {marked > 0 && (
          <button type="button" className="btn changed-button" onClick={show}>
            <b>{text.shellLive.changed(marked)}</b> {text.shellLive.show} <kbd>R</kbd>
          </button>
        )}
      </span>
    </div>
  );
}

function ExportButton({ view, filter, sort }: { view: View; filter: string; sort: string | undefined }) {
  const moment = useMoment();
  return (
    <a className="btn btn-icon" href={exportLink(view === "exposures" ? "/exposures" : "/worklist", { filter, sort, ...moment })} download aria-label={words.exportCsv} title={words.exportCsv}>
      <IconDownload size={16} stroke={1.75} aria-hidden />
    </a>
  );
}
