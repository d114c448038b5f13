// The applications, each a system of parts.

import type { ApplicationRow, Page } from "../../api/draft";
import { useRead } from "../../api/queries";
import { Go } from "../../app/Link";
import { text, words } from "../../messages";
import { Head } from "../../parts/Head";
import { DecisionChip, Unknown } from "../../parts/marks/Chip";
import { Shown } from "../../parts/states";

const t = text.application.list;

export default function Applications() {
  const answer = useRead<Page<ApplicationRow>>("/applications");
  return (
    <>
      <Head title={t.title} detail={t.words} />
      <div className="page">
        <Shown of={answer} what={t.title}>
          {({ rows }) =>
            rows.length === 0 ? (
              <p className="reading">{t.none}</p>
            ) : (
              <div className="box pad scroll-x">
                <table className="plain">
                  <caption className="unseen">{t.label}</caption>
                  <thead>
                    <tr>
                      <th scope="col">{t.name}</th>
                      <th scope="col">{t.weakest}</th>
                      <th scope="col" className="num">
                        {t.parts}
                      </th>
                      <th scope="col" className="num">
                        {t.unseen}
                      </th>
                      <th scope="col">{t.owner}</th>
                    </tr>
                  </thead>
                  <tbody>
                    {rows.map((it) => (
                      <tr key={it.name}>
                        <td>
                          <Go to={`/applications/${encodeURIComponent(it.name)}`}>
                            <b>{it.name}</b>
                          </Go>
                        </td>
                        <td>
                          {it.worst ? (
                            <span className="row wrap">
                              <DecisionChip value={it.worst} /> {it.weakest}
                            </span>
                          ) : (
                            <Unknown />
                          )}
                        </td>
                        <td className="num">{it.parts}</td>
                        <td className="num">{it.unseen}</td>
                        <td className="quiet">{it.owner ?? words.notKnown}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )
          }
        </Shown>
      </div>
    </>
  );
}
