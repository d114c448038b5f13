// The shape of the JSON API, written by hand until the served OpenAPI document
// is committed; then this file goes and `npm run types` makes its successor.
//
// Unknown is `null` or a value named so, never 0.  Times are RFC 3339 in UTC,
// days are `2026-08-12`, probabilities and scores are text, so that what is
// shown is what was computed.

import type { Role } from "./schema";

export type { AccountLog, Grant, Invited, OwnSession, Passkey, PersonRow, Problem, Role, RoleTable, SavedView, ServerJob, Session, Settings, Token, Ways } from "./schema";

export type Decision = "act_now" | "schedule" | "defer" | "monitor" | "not_affected" | "not_evaluable";
export type Verdict = "affected" | "possibly" | "not_affected";
export interface Sentence {
  template: string;
  words: string;
}
/** Every answer about the hospital says of when it is. */
export interface Dated {
  as_of: string;
  position: string;
}
export interface Page<Row> extends Dated {
  rows: Row[];
  next: string | null;
}
export interface Building {
  building: { done: number; of: number | null; step: string };
}

// Session ---------------------------------------------------------------------

// Things that many answers hold -----------------------------------------------

export interface FeedState {
  feed: string;
  title: string;
  data_date: string | null;
  age_days: number | null;
  limit_days: number | null;
  state: "fresh" | "stale" | "missing";
  records: number | null;
  /** What cannot be judged while it is not fresh. */
  carries: string | null;
}
export interface Interval {
  low: string;
  high: string;
  derived: boolean;
  policy_line: string | null;
  decided: boolean;
  settles: string | null;
}
export interface AssetRef {
  id: string;
  title: string;
  function: string | null;
  category: string | null;
  maker: string | null;
  model: string | null;
  unit: string | null;
  location: string | null;
  gated: boolean;
  harm: number | null;
}
export interface Job {
  id: string;
  title: string;
  product: string;
  action: { kind: "update" | "ask_maker" | "replace" | "find_out"; to?: string | null; fact?: string | null };
  because: string;
  decision: Decision;
  due: string | null;
  overdue: boolean;
  devices: number;
  exposures: number;
  affected: number;
  harm: number;
  gated: boolean;
  owner: string | null;
  vulnerabilities: { first: string[]; count: number };
  unsettled: string[];
  kev: boolean;
}
export interface ExposureRow {
  asset: AssetRef;
  component: string;
  version: string | null;
  vulnerability: string;
  title: string | null;
  verdict: Verdict;
  decision: Decision;
  because: string;
  due: string | null;
  overdue: boolean;
  epss: string | null;
  cvss: string | null;
  kev: boolean;
  exploit: boolean;
  gated: boolean;
}
export type Counts = Partial<Record<Decision, { jobs: number; exposures: number }>>;
export interface Totals {
  jobs: number;
  exposures: number;
  devices: number;
  by_decision: Counts;
}
export interface Series {
  title: string;
  unit: string;
  points: { date: string; value: number | null }[];
  aim?: number | null;
  /** Days on which the way of counting changed. */
  breaks?: { date: string; words: string }[];
}
export interface DecisionRecord {
  number: number;
  command: string;
  words: string;
  by: string;
  second: string | null;
  at: string;
  reason: string;
  holds: boolean;
  waits_for: string | null;
  subject: string;
  link: string | null;
}

// Today -----------------------------------------------------------------------

export interface Woke {
  exposure: { asset: AssetRef; component: string; vulnerability: string; decision: Decision };
  wire: string;
  at: string | null;
  because: string;
}
export interface Change {
  at: string;
  reasons: string[];
  vulnerability: string;
  component: string;
  /** Null: it was not exposed, or is not any more. */
  from: Decision | null;
  to: Decision | null;
  devices: number;
  /** The id of the device, where it is one. */
  asset: string | null;
}
export interface Today extends Dated {
  sentence: Sentence;
  detail: string | null;
  sources: string[];
  act_now: { rows: Job[]; more: number; jobs: number; exposures: number };
  woke: Woke[];
  due_soon: Job[];
  due_soon_more: number;
  changed: Change[];
  changed_more: number;
  dead_channels: string[];
  blind: {
    feeds: FeedState[];
    not_evaluable: { assets: number; judged: number; reasons?: { words: string; assets: number }[] };
    subnets: null | { subnet: string; words: string }[];
    /** Devices in no network that a zone sheet speaks of. */
    without_zone?: number;
  };
  exposure_days: Series | null;
}

// Worklist --------------------------------------------------------------------

export interface Worklist<Row> extends Page<Row> {
  sentence: Sentence;
  totals: Totals;
  /** Rows that the filter could not judge, because a fact is missing. */
  undecidable: number;
}
export interface Group {
  value: string | null;
  devices: number;
  exposures: number;
  by_decision: Counts;
  overdue: number;
  earliest: string | null;
}
export interface JobDetail extends Job, Dated {
  assets: { rows: AssetRef[]; next: string | null };
  exposures_by_vulnerability: { vulnerability: string; title: string | null; exposures: number; first_asset: string; component: string }[];
  units: { value: string | null; devices: number }[];
}
export interface Wire {
  wire: string;
  now: string | null;
  limit: string;
  age_days: number | null;
  as_of: string | null;
  tripped: boolean;
  evaluable: boolean;
}
export interface Metric {
  metric: string;
  value: string | null;
  rule: string | null;
  because: string | null;
  facts: string[];
}
export interface Card extends Dated {
  asset: AssetRef;
  component: string;
  vulnerability: string;
  title: string | null;
  verdict: Verdict;
  confidence: "low" | "medium" | "high";
  evidence: { publisher: string; document: string; because: string }[];
  missing_fact: string | null;
  fixed_in: string | null;
  decision: {
    outcome: Decision;
    row: string;
    because: string;
    raised: boolean;
    awaits_signature: boolean;
    unsettled: string[];
    due: string | null;
    clock_days: number | null;
    directive_days: number | null;
    inputs: { name: string; value: string | null; may_be: string[]; fact_to_settle: string | null }[];
  };
  severity: {
    published: { version: string; score: string; vector: string; publisher: string } | null;
    environmental: Interval | null;
    full: Interval | null;
    vector: string | null;
    metrics: Metric[];
  };
  epss: {
    probability: string;
    percentile: string;
    model: string;
    date: string;
    history: { date: string; probability: string; model: string }[];
  } | null;
  kev: { added: string; due: string | null; ransomware: boolean | null; action: string | null } | null;
  exploits: { name: string; published: string | null }[];
  exploited: { since: string | null; publisher: string } | null;
  deployer: string[];
  deferral: {
    number: number;
    by: string;
    second: string | null;
    reason: string;
    at: string;
    wires: Wire[];
    review: string | null;
  } | null;
  window: {
    disclosed: string | null;
    known_to_us: string | null;
    exploitable: string | null;
    mitigated: string | null;
    fixed: string | null;
    verified: string | null;
  };
  decisions: DecisionRecord[];
  history: { at: string; from: Decision | null; to: Decision | null; because: string }[];
}

// Assets ----------------------------------------------------------------------

export interface AssetRow extends AssetRef {
  decision: Decision | null;
  act_now: number;
  exposures: number;
  seen: string | null;
  sources: number;
  conflict: boolean;
}
export interface Held {
  value: string;
  source: string;
  observed_at: string;
  certainty: "certain" | "likely" | "possible" | null;
  holds: boolean;
}
export interface Part {
  kind: string;
  vendor: string | null;
  name: string;
  version: string | null;
  purl: string | null;
  cpe: string | null;
  support: { state: "supported" | "limited" | "ended" | "unknown"; from?: string | null; until: string | null; limited_until?: string | null; source: string } | null;
  exposures: number;
}
export interface AssetPage extends AssetRef, Dated {
  attributes: { attribute: string; values: Held[]; missing?: { source: string; settles: string } | null }[];
  identity: { joins: { kind: string; key: string }[]; demoted: { kind: string; key: string; because: string }[] };
  not_seen_since: string | null;
  safety: { harm_words: string; gate_words: string | null; discovery: string };
  reach: { value: "open" | "controlled" | "small" | null; because: string; source: string | null };
  zones: string[];
  controls: { words: string; state: "claimed" | "verified" | "lapsed"; at: string | null; until: string | null; source: string }[];
  components: Part[];
  exposures: ExposureRow[];
  findings: { scanner: string; vulnerability: string; says: string; agrees: boolean | null; because: string; at: string | null }[];
  decisions: DecisionRecord[];
  history: { at: string; words: string; detail: string; kind: "decision" | "transition" | "fact" }[];
}

// Vulnerabilities, applications -------------------------------------------------

export interface VulnerabilityRow {
  id: string;
  title: string | null;
  devices: number;
  exposures: number;
  by_decision: Counts;
  worst: Decision;
  epss: string | null;
  cvss: string | null;
  kev: boolean;
  exploit: boolean;
}
export interface VulnerabilityPage extends Dated {
  id: string;
  title: string | null;
  sentence: Sentence;
  published: { version: string; score: string; vector: string; publisher: string }[];
  epss: Card["epss"];
  kev: Card["kev"];
  exploits: Card["exploits"];
  advisories: { publisher: string; document: string; kind: string; date: string | null; says: string }[];
  by_decision: Counts;
  affected: ExposureRow[];
  possibly: ExposureRow[];
  not_affected: { devices: number; because: string }[];
}
export interface ApplicationRow {
  name: string;
  parts: number;
  unseen: number;
  worst: Decision | null;
  weakest: string | null;
  owner: string | null;
}
export interface ApplicationPart {
  layer: "users" | "application" | "interface" | "database" | "backup" | "hosted";
  part: string;
  role: string;
  asset: string | null;
  state: Decision | "nothing_known" | "unseen";
  because: string | null;
  affected: number;
  possibly: number;
  components: number;
}
export interface ApplicationPage extends Dated {
  name: string;
  sentence: Sentence;
  owner: string | null;
  managed_by: string | null;
  data_classes: string[];
  downtime: { procedure: string; drilled_hours: number | null; drilled_on: string | null } | null;
  parts: ApplicationPart[];
}

// Inventory and import ------------------------------------------------------------

export type Queue = "seen_not_owned" | "owned_not_seen" | "stale" | "duplicate";
export interface Coverage {
  seen: number;
  judged: number;
  not_evaluable: number;
}
export interface Inventory extends Dated {
  sentence: Sentence;
  coverage: {
    by_source: (Coverage & { source: string; last: string | null; limit_days: number | null; age_days: number | null })[];
    by_unit: (Coverage & { unit: string | null })[];
  };
  queues: Record<Queue, number>;
}
export interface QueueRow {
  id: string;
  asset: AssetRef;
  why: string;
  step: { kind: "own" | "find" | "confirm" | "merge"; words: string; other?: string };
  since: string | null;
}
export interface ColumnMap {
  columns: { heading: string; says: string | null; guessed: boolean }[];
  fields: string[];
}
export interface Move {
  subject: string;
  from: Decision | null;
  to: Decision | null;
  devices: number;
  because: string;
}
export interface ImportAnswer {
  documents: { document: string; source: string; format: string; records: number; added: number; changed: number; unchanged: number; not_seen: number; refused: number; doubtful: number; held: boolean; takes_away: string[] }[];
  complaints: { document: string; place: string; words: string; refused: boolean }[];
  columns: ColumnMap | null;
}
export interface ImportRecord {
  at: string;
  document: string;
  source: string;
  format: string;
  added: number;
  changed: number;
  unchanged: number;
  complaints: number;
}

// Feeds, policy ---------------------------------------------------------------------

export interface Feeds extends Dated {
  sentence: Sentence;
  rows: (FeedState & { last_contact?: string | null; last_error?: string | null; held: string | null })[];
}
export interface PolicyRow {
  id: string;
  /** As it is printed, or by input. */
  when: string | Record<string, string[]>;
  then: Decision;
  because: string;
  decides: number;
}
export interface Policy extends Dated {
  name: string;
  version: string;
  in_force_since: string | null;
  by: string | null;
  footnotes?: string[];
  text: string;
  rows: PolicyRow[];
  inputs: { name: string; words: string; values: string[] }[];
  thresholds: { name: string; words: string; value: string }[];
  raise: { when: Record<string, string[]>; because: string } | null;
  gated: { words: string; because: string } | null;
  clock_days: Partial<Record<Decision, number>>;
}
export interface PolicyCheck {
  complaints?: { place: string; words: string; refused: boolean }[];
  cases?: number;
  rows?: number;
}
export interface PolicyDiff {
  moves: (Omit<Move, "subject" | "because"> & { subject?: string; vulnerability?: string; component?: string; because: string | string[] })[];
  moved?: number;
  counts: { from: Decision | null; to: Decision | null; exposures: number; devices?: number }[];
  clocks_broken: number;
}
export interface PolicyTry {
  outcome: Decision;
  row: string;
  because: string;
  raised: boolean;
}

// Decisions, approvals, biomed ----------------------------------------------------------

/** What a decision is about. */
export interface On {
  vulnerability: string;
  asset?: string;
  product?: string;
  component?: string;
}
export interface WiresAsked {
  epss_over: string | null;
  epss_times: string | null;
  on: string[];
  review: string;
}
export type Command =
  | { command: "defer"; on: On; wires: WiresAsked; reason: string }
  | { command: "verdict"; on: On; verdict: Verdict; reason: string }
  | { command: "wake"; number: number; reason: string }
  | { command: "merge"; assets: [string, string]; reason: string }
  | { command: "class"; asset: string; category: string; reason: string }
  | { command: "assign"; job: string; owner: string; reason: string }
  | { command: "take_back"; number: number; reason: string };
export interface Decided {
  number: number;
  holds: boolean;
  waits_for: string | null;
}
export interface Approval {
  number: number;
  question: string;
  detail: string;
  asset: AssetRef | null;
  subject?: string;
  asked_by: string;
  at: string;
  answer_by: string | null;
  seats: { seat: string; by: string | null; at: string | null }[];
  if_nothing: string | null;
  if_done: string | null;
  reason: string;
  changed_since: string | null;
  command: string;
}
export interface BiomedUnit {
  unit: string | null;
  jobs: (Job & { places: string[] })[];
}
export interface Biomed extends Dated {
  sentence: Sentence;
  units: BiomedUnit[];
}

// Board, audit -------------------------------------------------------------------------

export interface BoardFigure {
  key: string;
  title: string;
  value: string | null;
  whole: string;
  words: string;
  series: Series;
  decide: string | null;
  needs: string | null;
  link: string;
}
export interface Board extends Dated {
  sentence: Sentence;
  day: string;
  figures: BoardFigure[];
  footer: string;
}
export interface AuditRow {
  entry: number;
  at: string;
  by: string;
  action: string;
  subject: string;
  reason: string | null;
  digest: string | null;
  link: string | null;
}
export interface Audit extends Page<AuditRow> {
  entries: number;
  verified: { to: number; at: string; holds: boolean } | null;
}
export interface Verify extends Dated {
  sentence: Sentence;
  checkpoint: { entry: number; digest: string | null; signed_at: string; key: string | null };
  steps: { words: string; command: string }[];
  last_outside: { at: string; by: string; holds: boolean; entry: number } | null;
}

// Administration ----------------------------------------------------------------------------

export interface SiteRow {
  id: string;
  devices: number;
  units: number;
  locations: number;
}
export type Urgency = "digest" | "soon" | "act_now";
export interface Channel {
  id: string;
  name: string;
  kind: "mail" | "webhook";
  target: string;
  site?: string | null;
  unit?: string | null;
  /** Told at once from here on; the rest comes once a day. */
  least: Urgency;
  /** Minutes of the day, UTC. */
  quiet_from?: number | null;
  quiet_to?: number | null;
  active?: boolean;
  /** Names of flaws and devices may be told. */
  details?: boolean;
  failures: number;
  dead_since?: string | null;
  last_error?: string | null;
  last_ok_at?: string | null;
}
export interface SignOn {
  issuer: string | null;
  client: string | null;
  groups: { group: string; role: Role; site: string | null; unit: string | null }[];
  second_factor_required: boolean;
  idle_minutes: number;
  hours: number;
}

// Search, fields, live --------------------------------------------------------------------------

export interface Field {
  name: string;
  kind: "text" | "flag" | "truth" | "number" | "day" | "moment" | "choice";
  words: string;
  values?: string[];
}
export interface Hit {
  kind: "device" | "job" | "vulnerability" | "person" | "unit";
  title: string;
  detail: string | null;
  decision: Decision | null;
  link: string;
}
export interface Changed {
  position: string;
  what: string[];
  counts: { jobs?: number; act_now?: number; stale_feeds?: number; approvals?: number };
}
