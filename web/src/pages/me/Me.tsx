// A person's own settings.

import { useState } from "react";
import { write } from "../../api/client";
import type { Session } from "../../api/draft";
import { client } from "../../api/queries";
import { settingsOf, usePerson } from "../../app/person";
import { saveSettings } from "../../app/settings";
import { look, type Look, setLook } from "../../app/theme";
import { shell, text } from "../../messages";
import { wholeMoment } from "../../parts/dates";
import { Head, Part } from "../../parts/Head";
import { Step } from "../../parts/Step";

const t = text.me;

export default function Me() {
  const session = usePerson();
  return (
    <>
      <Head title={t.name} beside={session.person.name} />
      <div className="page">
        <Part title={t.look}>
          <div className="segments" role="group" aria-label={t.look}>
            {(["light", "dark", "auto"] as Look[]).map((it) => (
              <button
                key={it}
                type="button"
                aria-pressed={look() === it}
                onClick={() => {
                  setLook(it);
                  void saveSettings(session, { theme: it });
                }}
              >
                {shell.person[it]}
              </button>
            ))}
          </div>
        </Part>
        <Part title={t.keys}>
          <p className="reading quiet">{t.keysWords}</p>
          <label className="tick">
            <input type="checkbox" checked={settingsOf(session).single_keys} onChange={(event) => void saveSettings(session, { single_keys: event.target.checked })} />
            <span>{t.keysOn}</span>
          </label>
        </Part>
        <SecondFactor session={session} />
        <Part title={t.views}>
          {settingsOf(session).views.length === 0 && <p className="quiet">{t.noViews}</p>}
          <ul>
            {settingsOf(session).views.map((it) => (
              <li key={it.id} className="row">
                <a href={`${it.page}${it.search}`}>{it.title}</a>
                <button type="button" className="btn btn-plain" onClick={() => void saveSettings(session, { views: settingsOf(session).views.filter((one) => one.id !== it.id) })}>
                  {t.remove}
                </button>
              </li>
            ))}
          </ul>
        </Part>
        <p className="faint card-after">{t.session(wholeMoment(session.expires))}</p>
      </div>
    </>
  );
}

function SecondFactor({ session }: { session: Session }) {
  const [asking, setAsking] = useState(false);
  const [password, setPassword] = useState("");
  const [secret, setSecret] = useState<string | null>(null);
  const [code, setCode] = useState("");
  const digits = code.replaceAll(" ", "");
  return (
    <Part title={t.second}>
      {session.must_add_second_factor && <p className="notes">{t.must}</p>}
      <p className="reading quiet">{t.secondState[session.second_factor]}</p>
      {session.second_factor === "none" && (
        <button type="button" className="btn" onClick={() => setAsking(true)}>
          {t.addTotp}
        </button>
      )}
      {asking && (
        <Step
          title={t.totp.title}
          consequence={<p>{t.totp.again}</p>}
          verb={t.totp.next}
          close={() => setAsking(false)}
          reason={false}
          ready={password.length > 0}
          run={async (_, key) => setSecret((await write<{ secret: string }>("/me/totp", { current: password }, { key })).secret)}
        >
          <div className="field">
            <label htmlFor="totp-password">{t.totp.password}</label>
            <input id="totp-password" type="password" className="input" autoComplete="current-password" data-autofocus value={password} onChange={(event) => setPassword(event.target.value)} />
          </div>
        </Step>
      )}
      {secret && !asking && (
        <Step
          title={t.totp.title}
          consequence={<p>{t.totp.words}</p>}
          verb={t.totp.verb}
          close={() => setSecret(null)}
          reason={false}
          ready={/^\d{6}$/.test(digits)}
          run={async (_, key) => {
            await write("/me/totp", { code: digits }, { method: "PUT", key });
            await client.invalidateQueries({ queryKey: ["session"] });
          }}
        >
          <p>
            {t.totp.key}: <code className="mono">{secret}</code>
          </p>
          <div className="field">
            <label htmlFor="totp-code">{t.totp.code}</label>
            <input id="totp-code" className="input" inputMode="numeric" autoComplete="one-time-code" data-autofocus value={code} onChange={(event) => setCode(event.target.value)} />
          </div>
        </Step>
      )}
    </Part>
  );
}
