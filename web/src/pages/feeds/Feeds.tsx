// Is what we know fresh?  Last data, not last contact; and what turns not
// evaluable if it stays away.

import { useRef, useState } from "react";
import { write } from "../../api/client";
import type { Feeds as Answer } from "../../api/draft";
import { client, useRead } from "../../api/queries";
import { useAddress } from "../../app/place";
import { useMayWrite } from "../../app/person";
import { text, words } from "../../messages";
import { weekday, when } from "../../parts/dates";
import { Head } from "../../parts/Head";
import { Age, Chip } from "../../parts/marks/Chip";
import { count } from "../../parts/numbers";
import { Step } from "../../parts/Step";
import { Shown } from "../../parts/states";

const t = text.feeds;

export default function Feeds() {
  const answer = useRead<Answer>("/feeds");
  const mayWrite = useMayWrite();
  const [search, change] = useAddress();
  const [said, setSaid] = useState("");
  const loading = search["load"] === "1";
  return (
    <Shown of={answer} what={t.name}>
      {(it) => (
        <>
          <Head
            title={it.sentence.words}
            name={t.name}
            actions={
              mayWrite && (
                <>
                  <button type="button" className="btn" onClick={() => change({ load: "1" })}>
                    {t.load}
                  </button>
                  <button type="button" className="btn btn-filled" onClick={() => void write("/jobs/feeds/run", {}).then(() => setSaid(t.syncing))}>
                    {t.sync}
                  </button>
                </>
              )
            }
          />
          <div className="page">
            <p role="status" className={said ? "notes feed-said" : ""}>
              {said}
            </p>
            <div className="box pad scroll-x">
              <table className="plain">
                <caption className="unseen">{t.label}</caption>
                <thead>
                  <tr>
                    <th scope="col">{t.column.source}</th>
                    <th scope="col">{t.column.state}</th>
                    <th scope="col">{t.column.data}</th>
                    <th scope="col" className="num">
                      {t.column.limit}
                    </th>
                    <th scope="col" className="num">
                      {t.column.rows}
                    </th>
                    <th scope="col">{t.column.depends}</th>
                  </tr>
                </thead>
                <tbody>
                  {it.rows.map((row) => (
                    <tr key={row.feed}>
                      <td>
                        <b>{row.title}</b>
                        <span className="faint small card-line">{row.last_contact ? t.contact(when(row.last_contact)) : row.data_date ? "" : t.never}</span>
                        {row.last_error && <span className="small card-line">{row.last_error}</span>}
                        {row.held && <span className="small card-line">{t.held(row.held)}</span>}
                      </td>
                      <td>{row.state === "fresh" ? t.fresh : <Age days={row.age_days} missing={row.state === "missing"} />}</td>
                      <td>{row.data_date ? <span className={row.state === "stale" ? "stale-value" : ""}>{weekday(row.data_date)}</span> : <Chip kind="dashed">{words.notKnown}</Chip>}</td>
                      <td className="num">{row.limit_days === null ? words.none : t.days(row.limit_days)}</td>
                      <td className="num">{row.records === null ? words.none : count(row.records)}</td>
                      <td className="quiet">{row.carries}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </div>
          {loading && mayWrite && <LoadStep close={() => change({ load: undefined })} done={setSaid} />}
        </>
      )}
    </Shown>
  );
}

function LoadStep({ close, done }: { close: () => void; done: (words: string) => void }) {
  const picker = useRef<HTMLInputElement>(null);
  const [files, setFiles] = useState<File[]>([]);
  return (
    <Step
      title={t.loadStep.title}
      consequence={<p>{t.loadStep.consequence}</p>}
      verb={t.loadStep.verb}
      close={close}
      reason={false}
      ready={files.length > 0}
      run={async () => {
        const form = new FormData();
        for (const file of files) form.append("files", file, file.name);
        await write("/feeds/documents", form);
        await client.invalidateQueries();
        done(t.syncing);
      }}
    >
      <div className="field">
        <label htmlFor="feed-file">{t.loadStep.file}</label>
        <input id="feed-file" ref={picker} type="file" multiple className="input" onChange={(event) => setFiles([...(event.target.files ?? [])])} />
      </div>
    </Step>
  );
}
