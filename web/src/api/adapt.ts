// The served answers in the shape that the pages were drawn with.  Each is one
// function here, by the answer's path; what the server does not say stays unknown.
// When the served document describes all of them, the pages take its names and
// this file goes.

import { text, words } from "../messages";

type Raw = Record<string, unknown>;
type Rows = Raw[];

const rowsOf = (raw: Raw, key = "rows"): Rows => (Array.isArray(raw[key]) ? (raw[key] as Rows) : []);

/** Counts by decision: `{act_now: 4}` of jobs and of exposures become `{act_now: {jobs, exposures}}`. */
export function byDecision(jobs: unknown, exposures: unknown): Raw {
  const j = (jobs ?? {}) as Record<string, number>;
  const e = (exposures ?? {}) as Record<string, number>;
  return Object.fromEntries([...new Set([...Object.keys(j), ...Object.keys(e)])].map((it) => [it, { jobs: j[it] ?? 0, exposures: e[it] ?? 0 }]));
}

function totals(raw: Raw): Raw {
  return "jobs_by_decision" in raw ? { ...raw, by_decision: byDecision(raw["jobs_by_decision"], raw["exposures_by_decision"]) } : raw;
}

function record(raw: Raw): Raw {
  if ("link" in raw) return raw;
  const link = raw["asset"] ? `/assets/${encodeURIComponent(String(raw["asset"]))}` : raw["vulnerability"] ? `/vulnerabilities/${encodeURIComponent(String(raw["vulnerability"]))}` : null;
  return { ...raw, link };
}

function worklist(raw: Raw): Raw {
  return { ...raw, totals: totals((raw["totals"] ?? {}) as Raw) };
}

function today(raw: Raw): Raw {
  const blind = (raw["blind"] ?? {}) as Raw;
  const counted = typeof blind["not_evaluable"] === "number";
  return {
    detail: null,
    sources: [],
    exposure_days: null,
    ...raw,
    woke: rowsOf(raw, "woke").map((it) => ("exposure" in it ? it : { exposure: it, wire: it["because"], at: null, because: it["because"] })),
    blind: {
      subnets: null,
      ...blind,
      not_evaluable: counted ? { assets: blind["not_evaluable"], judged: blind["judged"] } : blind["not_evaluable"],
    },
  };
}

function card(raw: Raw): Raw {
  const deferral = raw["deferral"] as Raw | null;
  return {
    ...raw,
    decisions: rowsOf(raw, "decisions").map(record),
    deferral: deferral && {
      ...deferral,
      wires: rowsOf(deferral, "wires").map((it) => ({ age_days: null, as_of: null, ...it, wire: (text.exposure.watched as Record<string, string>)[String(it["wire"])] ?? it["wire"] })),
    },
  };
}

function asset(raw: Raw): Raw {
  return {
    controls: [],
    ...raw,
    attributes: rowsOf(raw, "attributes").map((it) => ({ ...it, values: rowsOf(it, "values").map((value) => ({ certainty: null, ...value })) })),
    findings: rowsOf(raw, "findings").map((it) => ({ at: null, ...it, says: it["says"] ?? words.none })),
    decisions: rowsOf(raw, "decisions").map(record),
  };
}

function assets(raw: Raw): Raw {
  return { ...raw, totals: raw["totals"] ?? { devices: raw["devices"], judged: null }, rows: rowsOf(raw).map((it) => ({ conflict: false, ...it })) };
}

function counted(raw: Raw): Raw {
  return "exposures_by_decision" in raw ? { ...raw, by_decision: byDecision({}, raw["exposures_by_decision"]) } : raw;
}

function vulnerabilities(raw: Raw): Raw {
  return { ...raw, totals: raw["totals"] ?? { vulnerabilities: raw["vulnerabilities"], devices: null }, rows: rowsOf(raw).map(counted) };
}

function vulnerability(raw: Raw): Raw {
  const published = raw["published"];
  return {
    ...counted(raw),
    published: Array.isArray(published) ? published : published ? [published] : [],
    advisories: rowsOf(raw, "advisories").map((it) => ({ kind: "", date: null, ...it })),
  };
}

function application(raw: Raw): Raw {
  return { downtime: null, ...raw, parts: rowsOf(raw, "parts").map((it) => ({ ...it, state: it["state"] === "exposed" ? it["decision"] : it["state"] })) };
}

function inventory(raw: Raw): Raw {
  const coverage = (raw["coverage"] ?? {}) as Raw;
  const covered = (it: Raw): Raw => ("of" in it ? { source: it["of"], unit: it["of"], seen: it["devices"], age_days: null, limit_days: null, ...it } : it);
  return { ...raw, coverage: { by_source: rowsOf(coverage, "by_source").map(covered), by_unit: rowsOf(coverage, "by_unit").map(covered) } };
}

function queue(raw: Raw): Raw {
  return { ...raw, rows: rowsOf(raw).map((it) => ({ id: ((it["asset"] ?? {}) as Raw)["id"], since: it["seen"] ?? null, ...it })) };
}

function policy(raw: Raw): Raw {
  if ("thresholds" in raw) return raw;
  const line = Number(raw["epss_high_e5"]);
  return {
    in_force_since: (raw["adopted"] as Raw | null)?.["at"] ?? null,
    by: (raw["adopted"] as Raw | null)?.["by"] ?? null,
    raise: null,
    gated: null,
    ...raw,
    inputs: rowsOf(raw, "inputs").map((it) => ({ words: (text.exposure.input as unknown as Record<string, string>)[String(it["name"])] ?? it["name"], ...it })),
    thresholds: [
      { name: "severity", words: text.policy.severityFrom, value: raw["severity_high"] },
      { name: "epss", words: text.policy.epssFrom, value: (line / 100_000).toFixed(5) },
      { name: "model", words: text.policy.epssModel, value: raw["epss_model"] },
    ],
  };
}

function biomed(raw: Raw): Raw {
  const job = (it: Raw): Raw => ({
    because: "",
    exposures: 0,
    affected: 0,
    harm: null,
    owner: null,
    vulnerabilities: { first: [], count: 0 },
    unsettled: [],
    kev: null,
    ...it,
    places: rowsOf(it, "places").map((place) => (typeof place === "string" ? place : (place["location"] ?? place["title"]))),
  });
  return { ...raw, units: rowsOf(raw, "units").map((unit) => ({ ...unit, jobs: rowsOf(unit, "jobs").map(job) })) };
}

function decisions(raw: Raw): Raw {
  return { next: null, ...raw, rows: rowsOf(raw).map(record) };
}

function audit(raw: Raw): Raw {
  return {
    verified: null,
    ...raw,
    rows: rowsOf(raw).map((it) => ({ digest: null, link: null, ...it, subject: "words" in it ? `${text.audit.decision(Number(it["decision"]))}: ${String(it["words"])}` : it["subject"] })),
  };
}

function verify(raw: Raw): Raw {
  if ("checkpoint" in raw) return raw;
  const holds = raw["holds"] === true;
  const entry = Number(raw["entry"]);
  return {
    as_of: raw["at"],
    sentence: { template: "verify", words: holds ? text.audit.verify.holds(entry) : text.audit.verify.broken(String(raw["broken"] ?? "")) },
    checkpoint: { entry, digest: raw["chain"], signed_at: raw["at"], key: null },
    steps: [],
    last_outside: null,
  };
}

function search(raw: Raw): Raw {
  const link = (it: Raw): string => {
    const id = encodeURIComponent(String(it["id"]));
    if (it["kind"] === "device") return `/assets/${id}`;
    if (it["kind"] === "vulnerability") return `/vulnerabilities/${id}`;
    if (it["kind"] === "job") return `/worklist?open=${id}`;
    return `/worklist?filter=${encodeURIComponent(`unit == ${JSON.stringify(it["id"])}`)}`;
  };
  return { ...raw, rows: rowsOf(raw).map((it) => ("link" in it ? it : { ...it, link: link(it) })) };
}

const ADAPTERS: [RegExp, (raw: Raw) => Raw][] = [
  [/^\/today$/, today],
  [/^\/(worklist|exposures)$/, worklist],
  [/^\/worklist\/groups$/, (raw) => ({ ...raw, rows: rowsOf(raw).map(counted) })],
  [/^\/assets\/[^/]+\/exposures\/[^/]+$/, card],
  [/^\/assets\/[^/]+$/, asset],
  [/^\/assets$/, assets],
  [/^\/vulnerabilities$/, vulnerabilities],
  [/^\/vulnerabilities\/[^/]+$/, vulnerability],
  [/^\/applications\/[^/]+$/, application],
  [/^\/inventory$/, inventory],
  [/^\/inventory\/[^/]+$/, queue],
  [/^\/policy$/, policy],
  [/^\/decisions$/, decisions],
  [/^\/biomed$/, biomed],
  [/^\/audit$/, audit],
  [/^\/audit\/verify$/, verify],
  [/^\/search$/, search],
];

/** An answer as the pages know it. */
export function adapt<T>(path: string, answer: unknown): T {
  const found = ADAPTERS.find(([pattern]) => pattern.test(path))?.[1];
  return (found && answer && typeof answer === "object" ? found(answer as Raw) : answer) as T;
}
