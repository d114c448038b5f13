// A person's own settings.

import { useState } from "react";
import { write } from "../../api/client";
import type { OwnSession, Passkey, Role, Session, Ways } from "../../api/draft";
import { client, useRead } from "../../api/queries";
import { addPasskey } from "../../app/passkey";
import { settingsOf, usePerson } from "../../app/person";
import { saveSettings } from "../../app/settings";
import { look, type Look, setLook } from "../../app/theme";
import { shell, text, words } from "../../messages";
import { when, wholeMoment } from "../../parts/dates";
import { Head, Part } from "../../parts/Head";
import { Chip } from "../../parts/marks/Chip";
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
        <Passkeys />
        <Password />
        <Sessions />
        <Glass />
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

function Passkeys() {
  const list = useRead<{ rows: Passkey[] }>("/me/passkeys");
  const ways = useRead<Ways>("/sign-in");
  const [adding, setAdding] = useState(false);
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const refresh = () => client.invalidateQueries({ queryKey: ["/me/passkeys"] });
  return (
    <Part title={t.passkeys.title}>
      <ul>
        {(list.data?.rows ?? []).map((it) => (
          <li key={it.id} className="row">
            <b>{it.name}</b> <span className="faint">{it.used_at ? t.passkeys.used(when(it.used_at)) : t.passkeys.unused}</span>
            <button type="button" className="btn btn-plain" onClick={() => void write(`/me/passkeys/${encodeURIComponent(it.id)}`, undefined, { method: "DELETE" }).then(refresh)}>
              {t.remove}
            </button>
          </li>
        ))}
      </ul>
      {ways.data?.passkeys === false ? (
        <p className="quiet">{t.passkeys.noName}</p>
      ) : (
        <button type="button" className="btn" onClick={() => setAdding(true)}>
          {t.passkeys.add}
        </button>
      )}
      {adding && (
        <Step
          title={t.passkeys.step}
          consequence={<p>{t.passkeys.words}</p>}
          verb={t.passkeys.verb}
          close={() => setAdding(false)}
          reason={false}
          ready={name.trim() !== "" && password !== ""}
          run={async () => {
            await addPasskey(name.trim(), password);
            await refresh();
          }}
        >
          <div className="field">
            <label htmlFor="passkey-name">{t.passkeys.name}</label>
            <input id="passkey-name" className="input" data-autofocus value={name} onChange={(event) => setName(event.target.value)} />
          </div>
          <div className="field">
            <label htmlFor="passkey-password">{t.totp.password}</label>
            <input id="passkey-password" type="password" className="input" autoComplete="current-password" value={password} onChange={(event) => setPassword(event.target.value)} />
          </div>
        </Step>
      )}
    </Part>
  );
}

function Password() {
  const [open, setOpen] = useState(false);
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  return (
    <Part title={t.password.title}>
      <button type="button" className="btn" onClick={() => setOpen(true)}>
        {t.password.change}
      </button>
      {open && (
        <Step
          title={t.password.step}
          consequence={<p>{t.password.words}</p>}
          verb={t.password.verb}
          close={() => setOpen(false)}
          reason={false}
          ready={current !== "" && next !== ""}
          run={(_, key) => write("/me/password", { current, new: next }, { method: "PUT", key })}
        >
          <div className="field">
            <label htmlFor="password-current">{t.password.current}</label>
            <input id="password-current" type="password" className="input" autoComplete="current-password" data-autofocus value={current} onChange={(event) => setCurrent(event.target.value)} />
          </div>
          <div className="field">
            <label htmlFor="password-new">{t.password.next}</label>
            <input id="password-new" type="password" className="input" autoComplete="new-password" value={next} onChange={(event) => setNext(event.target.value)} />
          </div>
        </Step>
      )}
    </Part>
  );
}

function Sessions() {
  const list = useRead<{ rows: OwnSession[] }>("/me/sessions");
  return (
    <Part title={t.sessions.title}>
      <ul>
        {(list.data?.rows ?? []).map((it) => (
          <li key={`${it.created_at} ${it.seen_at}`}>
            {it.this ? t.sessions.here : t.sessions.other} <span className="faint">{t.sessions.words(when(it.created_at), when(it.seen_at))}</span>
          </li>
        ))}
      </ul>
      <button type="button" className="btn" onClick={() => void write("/me/sessions", undefined, { method: "DELETE" }).finally(() => window.location.assign("/sign-in"))}>
        {t.sessions.end}
      </button>
    </Part>
  );
}

const ROLES: Role[] = ["analyst", "biomed", "it_operations", "clinician", "compliance"];

/** A role in an emergency: for a few hours, with a reason that others read. */
function Glass() {
  const session = usePerson();
  const [open, setOpen] = useState(false);
  const [role, setRole] = useState<Role | "">("");
  const held = session.person.for_a_while ?? [];
  return (
    <Part title={t.glass.title}>
      {held.map((it) => (
        <p key={`${it.role} ${it.until}`}>
          <Chip kind="glass" mark="woke">
            {words.role[it.role as Role]} {it.until ? t.glass.until(when(it.until)) : ""}
          </Chip>
        </p>
      ))}
      <p className="reading quiet">{t.glass.words}</p>
      <button type="button" className="btn" onClick={() => setOpen(true)}>
        {t.glass.open}
      </button>
      {open && (
        <Step
          title={t.glass.step}
          consequence={<p>{t.glass.consequence}</p>}
          verb={t.glass.verb}
          close={() => setOpen(false)}
          ready={role !== ""}
          run={async (reason, key) => {
            await write("/me/glass", { role, reason }, { key });
            await client.resetQueries();
          }}
        >
          <fieldset className="stack gap4">
            <legend>{t.glass.role}</legend>
            {ROLES.filter((it) => !session.person.roles.includes(it)).map((it) => (
              <label key={it} className="tick">
                <input type="radio" name="glass" checked={role === it} onChange={() => setRole(it)} />
                <span>{words.role[it]}</span>
              </label>
            ))}
          </fieldset>
        </Step>
      )}
    </Part>
  );
}
