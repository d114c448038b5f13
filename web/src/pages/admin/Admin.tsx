// Administration: people by role and scope, sites, sign-on, tokens, what the server
// does by itself, who is told what.  No decisions on exposures.

import { useState } from "react";
import { write } from "../../api/client";
import type { AccountLog, Channel, Invited, Page, PersonRow, Role, RoleTable, ServerJob, SignOn, SiteRow, Token, Urgency } from "../../api/draft";
import { client, useList, useRead } from "../../api/queries";
import { useAddress } from "../../app/place";
import { roleOf, useMayWrite, usePerson } from "../../app/person";
import { text, words } from "../../messages";
import { day, when } from "../../parts/dates";
import { Head, Pane, Part, Tabs } from "../../parts/Head";
import { Chip } from "../../parts/marks/Chip";
import { Mark } from "../../parts/marks/Mark";
import { count } from "../../parts/numbers";
import { Step } from "../../parts/Step";
import { Loading, Shown, Trouble } from "../../parts/states";
import "./admin.css";

const t = text.admin;
const TABS = ["people", "log", "sites", "signOn", "tokens", "jobs", "notifications"] as const;
type Tab = (typeof TABS)[number];

export default function Admin() {
  const [search, change] = useAddress();
  const tab = (TABS.find((it) => it === search["tab"]) ?? "people") satisfies Tab;
  return (
    <>
      <Head title={t.name} />
      <Tabs label={t.tabs.label} at={tab} set={(key) => change({ tab: key === "people" ? undefined : key })} tabs={TABS.map((key) => ({ key, words: t.tabs[key] }))} />
      <Pane name={tab} className="pane said admin-pane">
        {tab === "people" && <People />}
        {tab === "log" && <Log />}
        {tab === "sites" && <Sites />}
        {tab === "signOn" && <SignOnTab />}
        {tab === "tokens" && <Tokens />}
        {tab === "jobs" && <Jobs />}
        {tab === "notifications" && <Notifications />}
      </Pane>
    </>
  );
}

function People() {
  const people = useRead<Page<PersonRow>>("/people");
  const roles = useRead<RoleTable>("/roles");
  const mayWrite = useMayWrite();
  const [adding, setAdding] = useState(false);
  const [invited, setInvited] = useState<Invited | null>(null);
  const [changing, setChanging] = useState<PersonRow | null>(null);
  return (
    <>
      {invited && (
        <p className="notes admin-secret" role="status">
          {t.people.link(invited.person.name, when(invited.expires))} <code className="mono">{new URL(invited.link, window.location.href).href}</code>
        </p>
      )}
      <Shown of={people} what={t.people.label}>
        {({ rows }) => (
          <Part
            title={t.people.label}
            beside={count(rows.length)}
            action={
              mayWrite && (
                <button type="button" className="btn btn-filled" onClick={() => setAdding(true)}>
                  {t.people.add}
                </button>
              )
            }
          >
            <div className="scroll-x">
              <table className="plain">
                <thead>
                  <tr>
                    {[t.people.name, t.people.login, t.people.roles, t.people.second, t.people.created].map((it) => (
                      <th key={it} scope="col">
                        {it}
                      </th>
                    ))}
                    <td />
                  </tr>
                </thead>
                <tbody>
                  {rows.map((it) => (
                    <tr key={it.id}>
                      <td>
                        <b>{it.name}</b> {!it.active && <Chip kind="dashed">{t.people.closed}</Chip>}
                        {it.email && <span className="faint small card-line">{it.email}</span>}
                      </td>
                      <td className="mono">{it.login}</td>
                      <td>
                        {it.roles.map((grant) => (
                          <span key={`${grant.role} ${grant.site} ${grant.unit}`} className="card-line">
                            {words.role[grant.role]} <span className="faint">{[grant.site ?? t.people.allSites, grant.unit].filter(Boolean).join(", ")}{grant.until ? `, ${t.people.until(when(grant.until))}` : ""}</span>
                          </span>
                        ))}
                      </td>
                      <td className="quiet">{it.has_totp ? t.people.factor.totp : it.by_provider ? t.people.factor.provider : t.people.factor.none}</td>
                      <td className="quiet">{day(it.created_at)}</td>
                      <td className="num">
                        {mayWrite && (
                          <button type="button" className="btn btn-link" onClick={() => setChanging(it)}>
                            {t.people.change}
                          </button>
                        )}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </Part>
        )}
      </Shown>
      <Shown of={roles} what={t.roles.title}>
        {(table) => (
          <Part title={t.roles.title}>
            <p className="quiet admin-words">{t.roles.words}</p>
            <div className="scroll-x">
              <table className="plain roles-table">
                <thead>
                  <tr>
                    <th scope="col">{t.roles.action}</th>
                    {table.roles.map(({ role, words: said }) => (
                      <th key={role} scope="col" title={said}>
                        {words.role[role]}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {table.rules
                    .filter((it) => it.who === "roles")
                    .map((it) => (
                      <tr key={`${it.method} ${it.path}`}>
                        <th scope="row" className="mono">
                          {it.method} {it.path.replace("/api/v1", "")}
                        </th>
                        {table.roles.map(({ role }) => {
                          const may = it.may.find((one) => one.role === role);
                          return <td key={role}>{may ? <Mark name={may.scoped ? "monitor" : "yes"} words={may.scoped ? t.roles.scoped : t.roles.may} /> : <span className="unseen">{t.roles.not}</span>}</td>;
                        })}
                      </tr>
                    ))}
                </tbody>
              </table>
            </div>
          </Part>
        )}
      </Shown>
      {changing && <ChangeStep person={changing} close={() => setChanging(null)} made={setInvited} />}
      {adding && <AddStep close={() => setAdding(false)} made={setInvited} />}
    </>
  );
}

const ROLES: Role[] = ["analyst", "biomed", "it_operations", "clinician", "compliance", "auditor", "administrator", "reporter"];

function AddStep({ close, made }: { close: () => void; made: (invited: Invited) => void }) {
  const [name, setName] = useState("");
  const [login, setLogin] = useState("");
  const [roles, setRoles] = useState<Role[]>([]);
  return (
    <Step
      title={t.addStep.title}
      consequence={<p>{t.addStep.consequence}</p>}
      verb={t.addStep.verb}
      close={close}
      ready={name.trim() !== "" && login.trim() !== "" && roles.length > 0}
      notReady={t.addStep.needs}
      reason={false}
      run={async (_, key) => {
        made(await write<Invited>("/people", { name: name.trim(), login: login.trim(), roles: roles.map((role) => ({ role })) }, { key }));
        await client.invalidateQueries({ queryKey: ["/people"] });
      }}
    >
      <div className="admin-fields">
        <div className="field">
          <label htmlFor="person-name">{t.addStep.name}</label>
          <input id="person-name" className="input" data-autofocus value={name} onChange={(event) => setName(event.target.value)} />
        </div>
        <div className="field">
          <label htmlFor="person-login">{t.addStep.login}</label>
          <input id="person-login" className="input" autoCapitalize="none" spellCheck={false} value={login} onChange={(event) => setLogin(event.target.value)} />
        </div>
      </div>
      <fieldset className="admin-roles">
        <legend>{t.addStep.roles}</legend>
        {ROLES.map((role) => (
          <label key={role} className="tick">
            <input type="checkbox" checked={roles.includes(role)} onChange={(event) => setRoles(event.target.checked ? [...roles, role] : roles.filter((it) => it !== role))} />
            <span>{words.role[role]}</span>
          </label>
        ))}
      </fieldset>
    </Step>
  );
}

/** One change to one account: its roles, a new link, or an end. */
function ChangeStep({ person, close, made }: { person: PersonRow; close: () => void; made: (invited: Invited) => void }) {
  const [what, setWhat] = useState<"roles" | "link" | "out" | "active" | "">("");
  const [roles, setRoles] = useState<Role[]>([...new Set(person.roles.map((it) => it.role))]);
  const at = `/people/${encodeURIComponent(person.id)}`;
  const c = t.changeStep;
  const verb = what === "" ? c.verb : what === "active" ? (person.active ? c.shut : c.reopen) : c.verbs[what];
  return (
    <Step
      title={c.title(person.name)}
      verb={verb}
      close={close}
      reason={false}
      ready={what !== "" && (what !== "roles" || roles.length > 0)}
      run={async (_, key) => {
        // What a grant says of its site and unit stays; a role that is new is for all.
        const given = roles.flatMap((role) => {
          const held = person.roles.filter((it) => it.role === role && it.origin === "administrator");
          return held.length > 0 ? held.map(({ site, unit }) => ({ role, site: site ?? null, unit: unit ?? null })) : [{ role }];
        });
        if (what === "roles") await write(`${at}/roles`, { roles: given }, { method: "PUT", key });
        if (what === "link") made(await write<Invited>(`${at}/link`, {}, { key }));
        if (what === "out") await write(`${at}/sessions`, undefined, { method: "DELETE", key });
        if (what === "active") await write(at, { active: !person.active }, { method: "PUT", key });
        await client.invalidateQueries({ queryKey: ["/people"] });
      }}
    >
      <fieldset className="stack gap8">
        <legend>{c.what}</legend>
        {(["roles", "link", "out", "active"] as const).map((it) => (
          <label key={it} className="tick">
            <input type="radio" name="change" checked={what === it} onChange={() => setWhat(it)} />
            <span>
              {it === "active" ? (person.active ? c.shut : c.reopen) : c.verbs[it]}
              <span className="faint small card-line">{it === "active" ? (person.active ? c.shutWords : c.reopenWords) : c.words[it]}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {what === "roles" && (
        <fieldset className="admin-roles">
          <legend>{t.addStep.roles}</legend>
          {ROLES.map((role) => (
            <label key={role} className="tick">
              <input type="checkbox" checked={roles.includes(role)} onChange={(event) => setRoles(event.target.checked ? [...roles, role] : roles.filter((it) => it !== role))} />
              <span>{words.role[role]}</span>
            </label>
          ))}
        </fieldset>
      )}
    </Step>
  );
}

/** What happened to accounts: its own chain, followed from its first line. */
function Log() {
  const list = useList<AccountLog & { next: string | null }>("/accounts/log", { limit: 100 });
  const first = list.data?.pages[0];
  const rows = list.data?.pages.flatMap((it) => it.rows) ?? [];
  if (!first) return list.error ? <Trouble problem={list.error} what={t.log.label} retry={() => void list.refetch()} /> : <Loading what={t.log.label} />;
  return (
    <Part
      title={t.log.label}
      beside={
        first.holds ? (
          <Chip kind="verified" mark="verified">
            {t.log.holds}
          </Chip>
        ) : (
          <Chip kind="lapsed" mark="lapsed">
            {first.broken ?? t.log.broken}
          </Chip>
        )
      }
    >
      <table className="plain">
        <thead>
          <tr>
            <th scope="col" className="num">
              {t.log.number}
            </th>
            <th scope="col">{t.log.at}</th>
            <th scope="col">{t.log.who}</th>
            <th scope="col">{t.log.what}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((it) => {
            const event = it.event as { login?: string | null; from?: string | null; what?: unknown };
            return (
              <tr key={it.number}>
                <td className="num faint">{count(it.number)}</td>
                <td className="quiet">{when(it.at)}</td>
                <td>
                  {event.login ?? t.log.itself}
                  {event.from && <span className="mono faint card-line">{event.from}</span>}
                </td>
                <td>{said(event.what)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {list.hasNextPage && (
        <button type="button" className="btn" onClick={() => void list.fetchNextPage()}>
          {words.more(null)}
        </button>
      )}
    </Part>
  );
}

/** `{"signed_in": {"second_factor": "totp"}}` as words. */
function said(what: unknown): string {
  if (typeof what === "string") return what.replaceAll("_", " ");
  if (what && typeof what === "object") {
    return Object.entries(what)
      .map(([name, value]) => `${name.replaceAll("_", " ")}${value && typeof value === "object" ? ` (${Object.entries(value).map(([key, it]) => `${key.replaceAll("_", " ")}: ${typeof it === "object" ? JSON.stringify(it) : String(it)}`).join(", ")})` : ""}`)
      .join(", ");
  }
  return "";
}

function Sites() {
  const sites = useRead<{ rows: SiteRow[] }>("/sites");
  return (
    <Shown of={sites} what={t.sites.label}>
      {({ rows }) => (
        <table className="plain">
          <caption className="unseen">{t.sites.label}</caption>
          <thead>
            <tr>
              <th scope="col">{t.sites.name}</th>
              <th scope="col" className="num">
                {t.sites.assets}
              </th>
              <th scope="col" className="num">
                {t.sites.units}
              </th>
              <th scope="col" className="num">
                {t.sites.locations}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((it) => (
              <tr key={it.id}>
                <td>
                  <b>{it.id}</b>
                </td>
                <td className="num">{count(it.devices)}</td>
                <td className="num">{count(it.units)}</td>
                <td className="num">{count(it.locations)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Shown>
  );
}

function SignOnTab() {
  const answer = useRead<SignOn>("/sign-on");
  const s = t.signOn;
  return (
    <Shown of={answer} what={s.title}>
      {(it) => (
        <>
          <dl className="facts admin-words">
            <dt>{s.issuer}</dt>
            <dd className={it.issuer ? "mono" : "faint"}>{it.issuer ?? s.none}</dd>
            {it.client && (
              <>
                <dt>{s.client}</dt>
                <dd className="mono">{it.client}</dd>
              </>
            )}
            <dt>{s.secondFactor}</dt>
            <dd>{it.second_factor_required ? s.required : s.optional}</dd>
            <dt>{s.idle}</dt>
            <dd>{s.minutes(it.idle_minutes)}</dd>
            <dt>{s.absolute}</dt>
            <dd>{s.hours(it.hours)}</dd>
          </dl>
          {it.groups.length > 0 && (
            <Part title={s.groups}>
              <table className="plain">
                <thead>
                  <tr>
                    <th scope="col">{s.group}</th>
                    <th scope="col">{s.role}</th>
                  </tr>
                </thead>
                <tbody>
                  {it.groups.map((one) => (
                    <tr key={`${one.group} ${one.role} ${one.site} ${one.unit}`}>
                      <td className="mono">{one.group}</td>
                      <td>{[words.role[one.role], one.unit, one.site].filter(Boolean).join(", ")}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Part>
          )}
        </>
      )}
    </Shown>
  );
}

function Tokens() {
  const answer = useRead<{ rows: Token[] }>("/tokens");
  const mayWrite = useMayWrite();
  const [making, setMaking] = useState(false);
  const [ending, setEnding] = useState<Token | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const [name, setName] = useState("");
  const [days, setDays] = useState("90");
  const role = roleOf(usePerson());
  const s = t.tokens;
  return (
    <Shown of={answer} what={s.label}>
      {({ rows }) => (
        <Part
          title={s.label}
          beside={count(rows.length)}
          action={
            mayWrite && (
              <button type="button" className="btn btn-filled" onClick={() => setMaking(true)}>
                {s.add}
              </button>
            )
          }
        >
          {secret && (
            <p className="notes admin-secret" role="status">
              {s.secret} <code className="mono">{secret}</code>
            </p>
          )}
          <table className="plain">
            <thead>
              <tr>
                {[s.name, s.scopes, s.created, s.used, s.expires].map((it) => (
                  <th key={it} scope="col">
                    {it}
                  </th>
                ))}
                <td />
              </tr>
            </thead>
            <tbody>
              {rows.map((it) => (
                <tr key={it.id}>
                  <td>
                    <b>{it.name}</b>
                  </td>
                  <td className="quiet">{s.does(words.role[it.role], it.writes)}</td>
                  <td className="quiet">{day(it.created_at)}</td>
                  <td className="quiet">{it.used_at ? when(it.used_at) : s.never}</td>
                  <td>{it.revoked_at ? s.ended(day(it.revoked_at)) : day(it.expires_at)}</td>
                  <td className="num">
                    {mayWrite && !it.revoked_at && (
                      <button type="button" className="btn btn-link" onClick={() => setEnding(it)}>
                        {s.revoke}
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {making && (
            <Step
              title={t.tokenStep.title}
              consequence={<p>{t.tokenStep.consequence}</p>}
              verb={t.tokenStep.verb}
              close={() => setMaking(false)}
              reason={false}
              ready={name.trim() !== "" && Number(days) > 0 && Number(days) <= 365}
              run={async (_, key) => {
                const made = await write<{ secret: string }>("/tokens", { name: name.trim(), role, days: Number(days) }, { key });
                setSecret(made.secret);
                await client.invalidateQueries({ queryKey: ["/tokens"] });
              }}
            >
              <div className="admin-fields">
                <div className="field">
                  <label htmlFor="token-name">{t.tokenStep.name}</label>
                  <input id="token-name" className="input" data-autofocus value={name} onChange={(event) => setName(event.target.value)} />
                </div>
                <div className="field">
                  <label htmlFor="token-days">{t.tokenStep.days}</label>
                  <input id="token-days" className="input" inputMode="numeric" value={days} aria-describedby="token-hint" onChange={(event) => setDays(event.target.value)} />
                  <span id="token-hint" className="hint">
                    {t.tokenStep.daysHint}
                  </span>
                </div>
              </div>
            </Step>
          )}
          {ending && (
            <Step
              title={t.revokeStep.title(ending.name)}
              consequence={<p>{t.revokeStep.consequence}</p>}
              verb={t.revokeStep.verb}
              close={() => setEnding(null)}
              reason={false}
              run={async (_, key) => {
                await write(`/tokens/${encodeURIComponent(ending.id)}`, undefined, { method: "DELETE", key });
                await client.invalidateQueries({ queryKey: ["/tokens"] });
              }}
            />
          )}
        </Part>
      )}
    </Shown>
  );
}

function Jobs() {
  const answer = useRead<{ rows: ServerJob[] }>("/jobs");
  const mayWrite = useMayWrite();
  const [said, setSaid] = useState("");
  const s = t.jobs;
  return (
    <Shown of={answer} what={s.label}>
      {({ rows }) => (
        <>
          <p role="status" className="unseen">
            {said}
          </p>
          <table className="plain">
            <caption className="unseen">{s.label}</caption>
            <thead>
              <tr>
                {[s.job, s.last, s.result, s.next].map((it) => (
                  <th key={it} scope="col">
                    {it}
                  </th>
                ))}
                <td />
              </tr>
            </thead>
            <tbody>
              {rows.map((it) => (
                <tr key={it.name}>
                  <td>
                    <b>{it.words}</b> <span className="mono faint">{it.name}</span>
                  </td>
                  <td className="quiet">
                    {it.finished_at ? when(it.finished_at) : words.none}
                    {it.started_at && it.finished_at && <span className="faint small card-line">{s.took(Date.parse(it.finished_at) - Date.parse(it.started_at))}</span>}
                  </td>
                  <td>
                    <span className={`three${it.succeeded === false ? " tone-act_now" : ""}`}>
                      <Mark name={it.running ? "schedule" : it.succeeded === false ? "failed" : it.succeeded ? "tick" : "no"} />
                      <span>{it.running ? s.state.running : it.succeeded === false ? s.failures(it.failures) : it.succeeded ? s.state.done : s.state.never}</span>
                    </span>
                    {it.result && <span className="faint small card-line">{it.result}</span>}
                  </td>
                  <td className="quiet">{when(it.next_at)}</td>
                  <td className="num">
                    {mayWrite && !it.running && (
                      <button
                        type="button"
                        className="btn"
                        onClick={() =>
                          void write(`/jobs/${encodeURIComponent(it.name)}/run`, {}).then(() => {
                            setSaid(s.started);
                            return client.invalidateQueries({ queryKey: ["/jobs"] });
                          })
                        }
                      >
                        {s.run}
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </Shown>
  );
}

function Notifications() {
  const answer = useRead<{ rows: Channel[] }>("/notifications/channels");
  const mayWrite = useMayWrite();
  const [said, setSaid] = useState("");
  const [adding, setAdding] = useState(false);
  const s = t.notifications;
  const refresh = () => client.invalidateQueries({ queryKey: ["/notifications/channels"] });
  return (
    <Shown of={answer} what={s.label}>
      {({ rows }) => (
        <Part
          title={s.label}
          beside={count(rows.length)}
          action={
            mayWrite && (
              <button type="button" className="btn btn-filled" onClick={() => setAdding(true)}>
                {s.add}
              </button>
            )
          }
        >
          <p className="quiet admin-words">{s.rule}</p>
          <p role="status" className={said ? "notes admin-secret" : ""}>
            {said}
          </p>
          <table className="plain">
            <thead>
              <tr>
                {[s.to, s.what, s.who, s.quiet, s.state].map((it) => (
                  <th key={it} scope="col">
                    {it}
                  </th>
                ))}
                <td />
              </tr>
            </thead>
            <tbody>
              {rows.map((it) => (
                <tr key={it.id}>
                  <td>
                    <b>{it.name}</b>
                    <span className="faint small card-line">
                      {s.kind[it.kind]}, {it.target}
                    </span>
                  </td>
                  <td>
                    {s.least[it.least]}
                    {it.details && <span className="faint small card-line">{s.details}</span>}
                  </td>
                  <td className="quiet">{[it.site ?? t.people.allSites, it.unit].filter(Boolean).join(", ")}</td>
                  <td className="quiet">{it.quiet_from != null && it.quiet_to != null ? s.quietFrom(clock(it.quiet_from), clock(it.quiet_to)) : s.never}</td>
                  <td>
                    <span className={`three${it.dead_since ? " tone-act_now" : ""}`}>
                      <Mark name={it.dead_since ? "failed" : it.last_ok_at ? "tick" : "no"} />
                      <span>{it.active === false ? s.states.off : it.dead_since ? s.states.dead(when(it.dead_since)) : it.last_ok_at ? s.states.works(when(it.last_ok_at)) : s.states.untried}</span>
                    </span>
                    {it.last_error && <span className="faint small card-line">{it.last_error}</span>}
                  </td>
                  <td className="num">
                    {mayWrite && (
                      <button type="button" className="btn" onClick={() => void write(`/notifications/channels/${encodeURIComponent(it.id)}/test`, {}).then(() => setSaid(s.tested)).then(refresh)}>
                        {s.test}
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {adding && <AddChannel close={() => setAdding(false)} made={(secret) => { setSaid(secret ? s.secret(secret) : s.added); void refresh(); }} />}
        </Part>
      )}
    </Shown>
  );
}

function clock(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}

function AddChannel({ close, made }: { close: () => void; made: (secret: string | null) => void }) {
  const s = t.notifications;
  const [name, setName] = useState("");
  const [kind, setKind] = useState<Channel["kind"]>("mail");
  const [target, setTarget] = useState("");
  const [least, setLeast] = useState<Urgency>("act_now");
  return (
    <Step
      title={s.addStep.title}
      consequence={<p>{s.addStep.consequence}</p>}
      verb={s.addStep.verb}
      close={close}
      reason={false}
      ready={name.trim() !== "" && target.trim() !== ""}
      run={async (_, key) => made((await write<{ secret?: string | null }>("/notifications/channels", { name: name.trim(), kind, target: target.trim(), least }, { key })).secret ?? null)}
    >
      <div className="admin-fields">
        <div className="field">
          <label htmlFor="channel-name">{s.addStep.name}</label>
          <input id="channel-name" className="input" data-autofocus value={name} onChange={(event) => setName(event.target.value)} />
        </div>
        <div className="field">
          <label htmlFor="channel-target">{kind === "mail" ? s.addStep.mailbox : s.addStep.address}</label>
          <input id="channel-target" className="input" value={target} onChange={(event) => setTarget(event.target.value)} />
        </div>
      </div>
      <fieldset className="stack gap4">
        <legend>{s.addStep.kind}</legend>
        {(["mail", "webhook"] as const).map((it) => (
          <label key={it} className="tick">
            <input type="radio" name="channel-kind" checked={kind === it} onChange={() => setKind(it)} />
            <span>{s.kind[it]}</span>
          </label>
        ))}
      </fieldset>
      <fieldset className="stack gap4">
        <legend>{s.what}</legend>
        {(["act_now", "soon", "digest"] as const).map((it) => (
          <label key={it} className="tick">
            <input type="radio" name="channel-least" checked={least === it} onChange={() => setLeast(it)} />
            <span>{s.least[it]}</span>
          </label>
        ))}
      </fieldset>
    </Step>
  );
}
