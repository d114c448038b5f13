// Signing in: a name and a password, a code where one is set up, a passkey, or
// the hospital's own account.  No puzzle, pasting allowed (WCAG 3.3.8).

import { useEffect, useState } from "react";
import { ApiProblem, read, write } from "../../api/client";
import type { Session, Ways } from "../../api/draft";
import { client } from "../../api/queries";
import { goTo, useAddress } from "../../app/place";
import { Brand } from "../../app/Frame";
import { signWithPasskey } from "../../app/passkey";
import { roleOf } from "../../app/person";
import { startOf } from "../../app/places";
import { shell, text, words } from "../../messages";
import "../entry.css";

const t = text.signIn;

export default function SignIn() {
  const [search] = useAddress();
  const [ways, setWays] = useState<Ways>({ passwords: true, sso: null, passkeys: false, set_up: false });
  const [code, setCode] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    document.title = `${t.title} · ${shell.product}`;
    // What the server offers; without an answer the password form stands.
    read<Ways>("/sign-in").then(setWays, () => undefined);
  }, []);

  const enter = (session: Session) => {
    client.clear();
    client.setQueryData(["session"], session);
    const next = search["next"];
    const inside = next?.startsWith("/") && !next.startsWith("//") && next !== "/" ? next : startOf(roleOf(session));
    goTo(inside, { replace: true });
  };

  const sign = (form: FormData) => {
    setBusy(true);
    setWrong(null);
    write<Session>("/session", { login: form.get("login"), password: form.get("password"), ...(form.get("code") ? { code: form.get("code") } : {}) })
      .then(enter)
      .catch((error: unknown) => {
        const problem = error instanceof ApiProblem ? error.problem : null;
        if (problem?.field === "code") setCode(true);
        setWrong(problem?.detail || (error instanceof ApiProblem && error.unreachable ? words.state.unreachable(new Date().toTimeString().slice(0, 5)) : shell.signIn.wrong));
      })
      .finally(() => setBusy(false));
  };

  return (
    <main className="entry">
      <div className="entry-box">
        <p className="entry-brand">
          <Brand size={22} /> {shell.product}
        </p>
        <h1>{t.title}</h1>
        {ways.set_up && <p className="notes">{t.nobodyYet}</p>}
        {search["next"] && search["next"] !== "/" && <p className="quiet">{t.ended}</p>}
        {ways.passwords && (
          <form
            className="stack gap16"
            onSubmit={(event) => {
              event.preventDefault();
              if (!busy) sign(new FormData(event.currentTarget));
            }}
          >
            <div className="field">
              <label htmlFor="login">{t.login}</label>
              <input id="login" name="login" className="input" autoComplete="username" autoCapitalize="none" spellCheck={false} required autoFocus />
            </div>
            <div className="field">
              <label htmlFor="password">{t.password}</label>
              <input id="password" name="password" type="password" className="input" autoComplete="current-password" required />
            </div>
            {code && (
              <div className="field">
                <label htmlFor="code">{t.code}</label>
                <input id="code" name="code" className="input" inputMode="numeric" autoComplete="one-time-code" pattern="[0-9 ]{6,7}" autoFocus aria-describedby="code-hint" />
                <span id="code-hint" className="hint">
                  {t.codeHint}
                </span>
              </div>
            )}
            {wrong && (
              <p className="entry-wrong" role="alert">
                {wrong}
              </p>
            )}
            <button type="submit" className="btn btn-filled" aria-disabled={busy}>
              {t.go}
            </button>
          </form>
        )}
        {(ways.passkeys || ways.sso) && (
          <div className="stack gap8">
            <p className="entry-or">{t.or}</p>
            {ways.passkeys && typeof PublicKeyCredential !== "undefined" && (
              <button type="button" className="btn" onClick={() => void signWithPasskey().then(enter, () => setWrong(t.noPasskey))}>
                {t.passkey}
              </button>
            )}
            {ways.sso && (
              <a className="btn" href="/api/v1/oidc/start">
                {t.sso(ways.sso)}
              </a>
            )}
          </div>
        )}
        <p className="faint small">{t.help}</p>
      </div>
    </main>
  );
}
