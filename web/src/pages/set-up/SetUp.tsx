// The first start, in four screens: who you are, what you have, what the world
// knows, the first worklist.  Each but the first can be skipped.

import { useEffect, useState } from "react";
import { ApiProblem, read, setCsrf, write } from "../../api/client";
import type { Session, Ways } from "../../api/draft";
import { client } from "../../api/queries";
import { go as open, useAddress } from "../../app/place";
import { Brand } from "../../app/Frame";
import { roleOf } from "../../app/person";
import { startOf } from "../../app/places";
import { shell, text, words } from "../../messages";
import { Refused } from "../../parts/states";
import "../entry.css";

const t = text.setUp;

export default function SetUp() {
  const [search, change] = useAddress();
  const at = Math.min(3, Number(search["step"] ?? 0) || 0);
  useEffect(() => {
    document.title = `${t.title} · ${shell.product}`;
  }, []);
  const go = (step: number) => change({ step: String(step), token: undefined });
  return (
    <main className="entry">
      <div className="entry-box entry-wide">
        <p className="entry-brand">
          <Brand size={22} /> {shell.product}
        </p>
        <ol className="entry-steps" aria-label={t.title}>
          {t.steps.map((it, index) => (
            <li key={it} aria-current={index === at ? "step" : undefined} data-done={index < at || undefined}>
              {it}
            </li>
          ))}
        </ol>
        {at === 0 && <Who token={search["token"] ?? fromLink()} next={() => go(1)} />}
        {at === 1 && (
          <Screen title={t.what.title} says={t.what.words} skip={() => go(2)}>
            <p>{t.what.later}</p>
            <button type="button" className="btn btn-filled" onClick={() => open("/inventory/import", { set_up: "1" })}>
              {t.what.import}
            </button>
          </Screen>
        )}
        {at === 2 && <World next={() => go(3)} />}
        {at === 3 && (
          <Screen title={t.done.title} says={t.done.words}>
            <button type="button" className="btn btn-filled" onClick={() => open("/worklist")}>
              {t.done.go}
            </button>
          </Screen>
        )}
      </div>
    </main>
  );
}

// What the link holds stands behind its #: a browser sends that to nobody.
function fromLink(): string | undefined {
  return new URLSearchParams(window.location.hash.slice(1)).get("token") ?? undefined;
}

function Screen({ title, says, skip, children }: { title: string; says: string; skip?: () => void; children: React.ReactNode }) {
  return (
    <section className="stack gap16">
      <div>
        <h1>{title}</h1>
        <p className="reading quiet">{says}</p>
      </div>
      <div className="stack gap12">{children}</div>
      {skip && (
        <p>
          <button type="button" className="btn btn-link" onClick={skip}>
            {t.skip}
          </button>
        </p>
      )}
    </section>
  );
}

function Who({ token, next }: { token: string | undefined; next: () => void }) {
  // A link makes the first account, or lets an invited person choose a password.
  const [first, setFirst] = useState(true);
  useEffect(() => {
    read<Ways>("/sign-in").then((it) => setFirst(it.set_up), () => undefined);
  }, []);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [busy, setBusy] = useState(false);
  const field = problem?.problem.field;
  return (
    <section className="stack gap16">
      <div>
        <h1>{first ? t.who.title : t.invited.title}</h1>
        <p className="reading quiet">{first ? t.who.words : t.invited.words}</p>
      </div>
      <form
        className="stack gap16"
        onSubmit={(event) => {
          event.preventDefault();
          if (busy) return;
          const form = new FormData(event.currentTarget);
          setBusy(true);
          setProblem(null);
          write<Session>("/set-up", { token: token ?? form.get("token"), password: form.get("password"), ...(first ? { name: form.get("name"), login: form.get("login") } : {}) })
            .then((session) => {
              setCsrf(session.csrf);
              client.setQueryData(["session"], session);
              if (first) next();
              else open(startOf(roleOf(session)), { token: undefined });
            })
            .catch((error: unknown) => {
              if (error instanceof ApiProblem) setProblem(error);
            })
            .finally(() => setBusy(false));
        }}
      >
        {!token && <Line name="token" label={t.who.link} hint={t.who.linkHint} />}
        {first && (
          <>
            <Line name="name" label={t.who.name} hint={t.who.nameHint} complete="name" wrong={field === "name" ? problem?.problem.detail : undefined} />
            <Line name="login" label={t.who.login} complete="username" wrong={field === "login" ? problem?.problem.detail : undefined} />
          </>
        )}
        <Line name="password" label={t.who.password} hint={t.who.passwordHint} complete="new-password" wrong={field === "password" ? problem?.problem.detail : undefined} />
        {problem && !field && (problem.refused ? <Refused problem={problem} /> : <p role="alert">{words.state.unreachable(new Date().toTimeString().slice(0, 5))}</p>)}
        <div>
          <button type="submit" className="btn btn-filled" aria-disabled={busy}>
            {first ? t.who.go : t.invited.go}
          </button>
        </div>
      </form>
    </section>
  );
}

function Line({ name, label, hint, complete, wrong }: { name: string; label: string; hint?: string; complete?: string; wrong?: string | undefined }) {
  return (
    <div className="field">
      <label htmlFor={name}>{label}</label>
      <input id={name} name={name} className="input" type={name === "password" ? "password" : "text"} autoComplete={complete ?? "off"} required aria-invalid={Boolean(wrong)} aria-describedby={`${name}-hint`} />
      <span id={`${name}-hint`} className={wrong ? "wrong" : "hint"}>
        {wrong ?? hint}
      </span>
    </div>
  );
}

function World({ next }: { next: () => void }) {
  const [begun, setBegun] = useState(false);
  return (
    <Screen title={t.world.title} says={t.world.words} skip={begun ? undefined : next}>
      {begun ? (
        <>
          <p role="status">{t.world.fetching}</p>
          <button type="button" className="btn btn-filled" onClick={next}>
            {words.next}
          </button>
        </>
      ) : (
        <div className="row wrap">
          <button type="button" className="btn btn-filled" onClick={() => void write("/jobs/feeds/run", {}).then(() => setBegun(true))}>
            {t.world.fetch}
          </button>
          <button type="button" className="btn" onClick={() => open("/feeds", { load: "1" })}>
            {t.world.file}
          </button>
        </div>
      )}
    </Screen>
  );
}
