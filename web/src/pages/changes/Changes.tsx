// What stands elsewhere than at an earlier moment, and which fact moved it.

import type { Change, Dated } from "../../api/draft";
import { useRead } from "../../api/queries";
import { useAddress } from "../../app/place";
import { changeLink, Go } from "../../app/Link";
import { text } from "../../messages";
import { when, wholeMoment } from "../../parts/dates";
import { Head } from "../../parts/Head";
import { DecisionChip } from "../../parts/marks/Chip";
import { count } from "../../parts/numbers";
import { Shown } from "../../parts/states";

const t = text.changes;

export default function Changes() {
  const [search] = useAddress();
  const from = search["from"] ?? "";
  const answer = useRead<Dated & { assessed: string | null; rows: Change[] }>("/changes", { from });
  return (
    <>
      <Head title={t.title} name={t.name} beside={from ? wholeMoment(from) : undefined} detail={from ? t.words(wholeMoment(from)) : undefined} />
      <div className="page">
        <Shown of={answer} what={t.name}>
          {({ assessed, rows }) =>
            rows.length === 0 ? (
              <p className="reading">{assessed ? t.none : t.notAssessed}</p>
            ) : (
              <div className="box pad scroll-x">
                <table className="plain">
                  <thead>
                    <tr>
                      <th scope="col">{t.when}</th>
                      <th scope="col">{t.cause}</th>
                      <th scope="col">{t.consequence}</th>
                      <td />
                      <th scope="col" className="num">
                        {t.devices}
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {rows.map((it) => (
                      <tr key={`${it.at} ${it.vulnerability} ${it.component} ${it.from} ${it.to} ${it.reasons.join()}`}>
                        <td className="quiet">{when(it.at)}</td>
                        <td>
                          <b>{it.reasons.join("; ")}</b>
                        </td>
                        <td>
                          <Go to={changeLink(it)}>
                            {it.component}, {it.vulnerability}
                          </Go>
                        </td>
                        <td>
                          <span className="row wrap">
                            {it.from && <DecisionChip value={it.from} />}
                            {it.from && it.to && <span aria-hidden="true">→</span>}
                            {it.to && <DecisionChip value={it.to} />}
                          </span>
                        </td>
                        <td className="num">{count(it.devices)}</td>
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
