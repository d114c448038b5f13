// Importing in four steps: file, columns, preview, result.  Nothing is kept before
// a person has seen what would change, and the end is counts, never "done".

import { useRef, useState } from "react";
import { ApiProblem, write } from "../../api/client";
import type { ColumnMap, ImportAnswer, ImportRecord, Page } from "../../api/draft";
import { client, useMoment, useRead } from "../../api/queries";
import { useAddress } from "../../app/place";
import { Go } from "../../app/Link";
import { text, words } from "../../messages";
import { when } from "../../parts/dates";
import { Head, Part } from "../../parts/Head";
import { Three } from "../../parts/marks/Chip";
import { count } from "../../parts/numbers";
import { Refused } from "../../parts/states";
import "../entry.css";
import "./inventory.css";

const t = text.imports;

interface Draft {
  files: File[];
  source: string;
  observed: string;
  complete: string;
}

export default function Import() {
  const [search] = useAddress();
  const { site } = useMoment();
  const [at, setAt] = useState(0);
  const [draft, setDraft] = useState<Draft>({ files: [], source: "", observed: "", complete: "" });
  const [preview, setPreview] = useState<ImportAnswer | null>(null);
  const [map, setMap] = useState<Record<string, string | null>>({});
  const [confirmed, setConfirmed] = useState(false);
  const [result, setResult] = useState<ImportAnswer | null>(null);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [busy, setBusy] = useState(false);

  const send = async (preview: boolean, columns: Record<string, string | null> | null): Promise<ImportAnswer | null> => {
    const form = new FormData();
    for (const file of draft.files) form.append("files", file, file.name);
    form.set("source", draft.source);
    if (draft.observed) form.set("observed", draft.observed);
    if (draft.complete) form.append("complete", draft.complete);
    if (columns) form.set("map", JSON.stringify(columns));
    if (confirmed) form.set("confirm", "true");
    form.set("preview", String(preview));
    setBusy(true);
    setProblem(null);
    try {
      return await write<ImportAnswer>("/imports", form, { params: { site } });
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      setProblem(error);
      return null;
    } finally {
      setBusy(false);
    }
  };

  const read = async () => {
    const answer = await send(true, null);
    if (!answer) return;
    setPreview(answer);
    setMap(Object.fromEntries((answer.columns?.columns ?? []).map((it) => [it.heading, it.says])));
    setAt(answer.columns ? 1 : 2);
  };
  const look = async () => {
    const answer = await send(true, map);
    if (!answer) return;
    setPreview({ ...answer, columns: answer.columns ?? preview?.columns ?? null });
    setAt(2);
  };
  const keep = async () => {
    const answer = await send(false, preview?.columns ? map : null);
    if (!answer) return;
    setResult(answer);
    setAt(3);
    await client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== "session" });
  };
  const again = () => {
    setDraft({ files: [], source: draft.source, observed: "", complete: "" });
    setPreview(null);
    setResult(null);
    setConfirmed(false);
    setAt(0);
  };

  return (
    <>
      <Head crumbs={<Go to="/inventory">{text.inventory.title}</Go>} title={t.title} detail={t.words} />
      <ol className="import-steps" aria-label={t.title}>
        {t.steps.map((it, index) => (
          <li key={it} aria-current={index === at ? "step" : undefined}>
            <span className="import-number">{index + 1}</span> {it}
          </li>
        ))}
      </ol>
      <div className="page">
        <div className="box pad import-body stack gap16" aria-busy={busy}>
          {problem && <Refused problem={problem} />}
          {at === 0 && <FileStep draft={draft} set={setDraft} go={() => void read()} />}
          {at === 1 && preview?.columns && <ColumnStep columns={preview.columns} map={map} set={setMap} back={() => setAt(0)} go={() => void look()} />}
          {at === 2 && preview && (
            <PreviewStep answer={preview} confirmed={confirmed} confirm={setConfirmed} back={() => setAt(preview.columns ? 1 : 0)} go={() => void keep()} />
          )}
          {at === 3 && result && <ResultStep answer={result} again={again} setUp={search["set_up"] === "1"} />}
        </div>
        {at === 0 && <Earlier />}
      </div>
    </>
  );
}

function size(bytes: number): string {
  return bytes > 1_000_000 ? `${(bytes / 1_000_000).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1000))} KB`;
}

function FileStep({ draft, set, go }: { draft: Draft; set: (draft: Draft) => void; go: () => void }) {
  const picker = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [asked, setAsked] = useState(false);
  const add = (files: FileList | null) => files && set({ ...draft, files: [...draft.files, ...files] });
  const noFile = draft.files.length === 0;
  const noSource = draft.source.trim() === "";
  return (
    <form
      className="stack gap16"
      onSubmit={(event) => {
        event.preventDefault();
        setAsked(true);
        if (!noFile && !noSource) go();
      }}
    >
      <h2>{t.file.title}</h2>
      <div
        className="dropzone"
        data-over={over || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          add(event.dataTransfer.files);
        }}
      >
        <span className="quiet">{t.file.drop}</span>
        <button type="button" className="btn" onClick={() => picker.current?.click()}>
          {t.file.choose}
        </button>
        <input ref={picker} type="file" multiple className="unseen" tabIndex={-1} aria-label={t.file.choose} onChange={(event) => add(event.target.files)} />
        <ul>
          {draft.files.map((it) => (
            <li key={it.name}>{t.file.chosen(it.name, size(it.size))}</li>
          ))}
        </ul>
      </div>
      {asked && noFile && (
        <p className="field">
          <span className="wrong" role="alert">
            {t.file.none}
          </span>
        </p>
      )}
      <div className="import-fields">
        <div className="field">
          <label htmlFor="import-source">{t.file.source}</label>
          <input id="import-source" className="input" value={draft.source} aria-invalid={asked && noSource} aria-describedby="import-source-hint" onChange={(event) => set({ ...draft, source: event.target.value })} />
          <span id="import-source-hint" className={asked && noSource ? "wrong" : "hint"}>
            {asked && noSource ? t.file.noSource : t.file.sourceHint}
          </span>
        </div>
        <div className="field">
          <label htmlFor="import-observed">{t.file.observed}</label>
          <input id="import-observed" type="date" className="input" value={draft.observed} aria-describedby="import-observed-hint" onChange={(event) => set({ ...draft, observed: event.target.value })} />
          <span id="import-observed-hint" className="hint">
            {t.file.observedHint}
          </span>
        </div>
        <div className="field">
          <label htmlFor="import-complete">{t.file.complete}</label>
          <input id="import-complete" className="input" value={draft.complete} aria-describedby="import-complete-hint" onChange={(event) => set({ ...draft, complete: event.target.value })} />
          <span id="import-complete-hint" className="hint">
            {t.file.completeHint}
          </span>
        </div>
      </div>
      <div>
        <button type="submit" className="btn btn-filled">
          {t.file.go}
        </button>
      </div>
    </form>
  );
}

/** One of these at least says which device a row is about. */
const NAMING = new Set(["asset_id", "name", "serial", "udi", "mac", "ip", "host_name", "subnet", "parent", "child"]);

function ColumnStep({ columns, map, set, back, go }: { columns: ColumnMap; map: Record<string, string | null>; set: (map: Record<string, string | null>) => void; back: () => void; go: () => void }) {
  const named = columns.fields.filter((it) => NAMING.has(it)).some((it) => Object.values(map).includes(it));
  return (
    <section className="stack gap12">
      <h2>{t.columns.title}</h2>
      <p className="quiet">{t.columns.words}</p>
      <div className="scroll-x">
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{t.columns.heading}</th>
              <th scope="col">{t.columns.as}</th>
            </tr>
          </thead>
          <tbody>
            {columns.columns.map((it) => (
              <tr key={it.heading}>
                <td className="mono">{it.heading}</td>
                <td>
                  <select className="input" aria-label={`${it.heading} ${t.columns.as}`} value={map[it.heading] ?? ""} onChange={(event) => set({ ...map, [it.heading]: event.target.value || null })}>
                    <option value="">{t.columns.ignore}</option>
                    {columns.fields.map((field) => (
                      <option key={field} value={field}>
                        {field.replaceAll("_", " ")}
                      </option>
                    ))}
                  </select>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {!named && <p role="alert">{t.columns.missing}</p>}
      <div className="row">
        <button type="button" className="btn btn-filled" aria-disabled={!named} onClick={() => named && go()}>
          {t.columns.go}
        </button>
        <button type="button" className="btn" onClick={back}>
          {t.back}
        </button>
      </div>
    </section>
  );
}

function Counts({ answer }: { answer: ImportAnswer }) {
  return (
    <table className="plain">
      <tbody>
        {answer.documents.map((it) => (
          <tr key={it.document}>
            <td>
              <b>{it.document}</b>
              <span className="faint small card-line">
                {it.format} · {words.count.rows(it.records)}
              </span>
            </td>
            <td>{t.preview.counts(it.added, it.changed, it.unchanged, it.refused + it.doubtful)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Complaints({ answer }: { answer: ImportAnswer }) {
  if (answer.complaints.length === 0) return <p className="quiet">{t.preview.noComplaints}</p>;
  return (
    <table className="plain">
      <thead>
        <tr>
          <th scope="col">{t.preview.place}</th>
          <th scope="col">{t.preview.says}</th>
          <td />
        </tr>
      </thead>
      <tbody>
        {answer.complaints.slice(0, 200).map((it) => (
          <tr key={`${it.document} ${it.place} ${it.words}`}>
            <td>
              {it.document}, {it.place}
            </td>
            <td>{it.words}</td>
            <td className="faint">
              <Three value={!it.refused}>{it.refused ? t.preview.refused : t.preview.doubtful}</Three>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function PreviewStep({ answer, confirmed, confirm, back, go }: { answer: ImportAnswer; confirmed: boolean; confirm: (yes: boolean) => void; back: () => void; go: () => void }) {
  const held = answer.documents.filter((it) => it.held);
  const ready = held.length === 0 || confirmed;
  return (
    <section className="stack gap16">
      <h2>{t.preview.title}</h2>
      <Counts answer={answer} />
      <div>
        <h3>{t.preview.complaints}</h3>
        <Complaints answer={answer} />
      </div>
      {held.map((it) => (
        <div key={it.document} className="notes">
          <p>{t.preview.held(it.document)}</p>
          <ul>
            {it.takes_away.map((line) => (
              <li key={line}>{line.trim()}</li>
            ))}
          </ul>
        </div>
      ))}
      {held.length > 0 && (
        <label className="tick">
          <input type="checkbox" checked={confirmed} onChange={(event) => confirm(event.target.checked)} />
          <span>{t.preview.confirm}</span>
        </label>
      )}
      <div className="row">
        <button type="button" className="btn btn-filled" aria-disabled={!ready} onClick={() => ready && go()}>
          {t.preview.go}
        </button>
        <button type="button" className="btn" onClick={back}>
          {t.back}
        </button>
      </div>
    </section>
  );
}

function ResultStep({ answer, again, setUp }: { answer: ImportAnswer; again: () => void; setUp: boolean }) {
  const sum = (pick: (it: ImportAnswer["documents"][number]) => number) => answer.documents.reduce((all, it) => all + pick(it), 0);
  return (
    <section className="stack gap16" role="status">
      <h2>{t.result.title(sum((it) => it.added), sum((it) => it.changed), sum((it) => it.unchanged), sum((it) => it.refused + it.doubtful))}</h2>
      <Counts answer={answer} />
      {answer.complaints.length > 0 && <Complaints answer={answer} />}
      <div className="row wrap">
        {setUp ? (
          <Go to="/set-up?step=2" className="btn btn-filled">
            {words.next}
          </Go>
        ) : (
          <Go to="/worklist" className="btn btn-filled">
            {t.result.worklist}
          </Go>
        )}
        <button type="button" className="btn" onClick={again}>
          {t.result.again}
        </button>
        <Go to="/inventory" className="btn">
          {t.result.inventory}
        </Go>
      </div>
    </section>
  );
}

function Earlier() {
  const list = useRead<Page<ImportRecord>>("/imports", { limit: 20 });
  const c = text.inventory.importColumn;
  if (!list.data) return null;
  return (
    <Part title={text.inventory.imports}>
      {list.data.rows.length === 0 ? (
        <p className="quiet">{text.inventory.noImports}</p>
      ) : (
        <div className="scroll-x">
          <table className="plain import-body">
            <thead>
              <tr>
                <th scope="col">{c.name}</th>
                <th scope="col">{c.at}</th>
                {[c.added, c.changed, c.kept, c.complained].map((it) => (
                  <th key={it} scope="col" className="num">
                    {it}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {list.data.rows.map((it) => (
                <tr key={`${it.at} ${it.document}`}>
                  <td>
                    {it.document}
                    <span className="faint small card-line">{it.source}</span>
                  </td>
                  <td className="quiet">{when(it.at)}</td>
                  <td className="num">{count(it.added)}</td>
                  <td className="num">{count(it.changed)}</td>
                  <td className="num">{count(it.unchanged)}</td>
                  <td className="num">{count(it.complaints)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Part>
  );
}
