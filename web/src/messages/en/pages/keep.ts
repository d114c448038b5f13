// Words of feeds, policy, administration and a person's own settings.

import { count } from "../../../parts/numbers";

export const feeds = {
  name: "Feeds",
  label: "Sources of what the world knows",
  column: { source: "Source", data: "Last data", limit: "Limit", rows: "Rows", complaints: "Complaints", depends: "Not evaluable without it", state: "State" },
  sync: "Fetch now",
  syncing: "Fetching has begun.",
  load: "Load a file...",
  contact: (when: string) => `last contact ${when}`,
  never: "never came",
  fresh: "Fresh",
  held: (why: string) => `Held: ${why}`,
  days: (days: number) => `${count(days)} ${days === 1 ? "day" : "days"}`,
  loadStep: { title: "Load a file", consequence: "A feed document, a folder of them in an archive, or one signed bundle. An older one than what is in force is refused.", verb: "Load it", file: "File" },
} as const;

export const policy = {
  name: "Policy",
  title: (name: string, version: string) => `Policy ${name} ${version}`,
  beside: (by: string, date: string) => `in force since ${date}, by ${by}`,
  words: "One table. The first row that fits decides; a condition that is left out does not matter.",
  tabs: { label: "Parts of the policy", table: "Table", try: "Try an example", change: "Change it" },
  column: { row: "Row", if: "If", then: "Then", because: "Because", decides: "Exposures now" },
  any: "anything",
  or: " or ",
  and: ", ",
  thresholds: "Lines",
  clocks: "Clocks",
  clock: (days: number) => `${count(days)} days`,
  raise: (when: string, because: string) => `Raised one level when ${when}: ${because}.`,
  try: { words: "Choose what is known of one exposure.", result: "It would be", notKnown: "not known", raised: "raised one level, because many could be harmed", row: (row: string) => `by row ${row}` },
  change: {
    words: "Change the text, check it, look at what moves, then put it in force with a reason.",
    label: "Text of the policy",
    check: "Check",
    diff: "What would move?",
    adopt: "Put it in force...",
    cases: (cases: number) => `${count(cases)} cases, every one decided.`,
    moves: "What would move",
    clocksBroken: (clocks: number) => `${count(clocks)} ${clocks === 1 ? "clock" : "clocks"} would be past due at once.`,
    noMoves: "Nothing would move.",
    first: "Look at what moves first.",
    column: { subject: "Job", from: "From", to: "To", devices: "Devices", because: "Because" },
    counts: (exposures: string, devices: string) => `${exposures} on ${devices}`,
    adoptStep: { title: "Put the policy in force", consequence: (moves: number, clocks: number) => `${count(moves)} jobs move, ${count(clocks)} clocks break. From now on every decision follows it; the old one is kept.`, verb: "Put it in force" },
    adopted: "It is in force.",
  },
} as const;

export const admin = {
  name: "Administration",
  tabs: { label: "Parts of administration", people: "People and roles", sites: "Sites", signOn: "Sign-on", tokens: "Tokens", jobs: "Server jobs", notifications: "Notifications" },
  people: { label: "People", name: "Name", login: "Signs in as", roles: "Roles", scope: "Units", second: "Second factor", last: "Last seen", all: "all units", add: "Add a person...", none: "none", factor: { none: "none", totp: "authenticator", provider: "by the hospital’s account" }, closed: "closed", created: "Since", allSites: "all sites", until: (at: string) => `until ${at}`, link: (name: string, until: string) => `Give this link to ${name}. It works once, until ${until}:` },
  addStep: { title: "Add a person", name: "Name", login: "Signs in as", roles: "Roles", consequence: "They get a link that works once, to choose a password.", verb: "Add them", needs: "A name, a sign-in name and one role are needed." },
  roles: { title: "Who may do what", words: "The table that the server asks. It is one file; nobody changes it here.", action: "Action", may: "may", scoped: "may, for the sites and units of the role", not: "may not" },
  sites: { label: "Sites", name: "Site", zone: "Time zone", assets: "Devices", locations: "Places" },
  signOn: { title: "Sign-on", issuer: "Hospital’s sign-on", none: "Not set up", client: "Known there as", groups: "Groups and roles", group: "Group", role: "Role", passwords: "Passwords", allowed: "allowed", off: "switched off", idle: "Signed out when idle for", absolute: "Signed out after", minutes: (m: number) => `${m} minutes`, hours: (h: number) => `${h} hours` },
  tokens: { label: "Tokens", name: "Token", scopes: "May", created: "Made", expires: "Ends", used: "Last used", add: "Make a token...", revoke: "End it...", does: (role: string, writes: boolean) => `${writes ? "read and write" : "read"} as ${role.toLowerCase()}`, ended: (date: string) => `ended ${date}`, never: "never", secret: "Shown once. Copy it now:" },
  tokenStep: { title: "Make a token", name: "What it is for", days: "Works for", daysHint: "Days, at most 365.", verb: "Make it", consequence: "It reads what you may read, and no more." },
  revokeStep: { title: (name: string) => `End ${name}`, consequence: "What uses it is refused from now on.", verb: "End it" },
  jobs: { label: "What the server does by itself", job: "Job", every: "When", next: "Next", last: "Last", result: "Result", run: "Run now", started: "Started.", state: { done: "done", failed: "failed", running: "running", never: "never ran" }, failures: (n: number) => `failed ${count(n)} ${n === 1 ? "time" : "times"} in a row`, took: (ms: number) => (ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`) },
  notifications: { label: "Who is told what", to: "To", what: "What", who: "For", quiet: "Quiet", state: "State", urgency: { act_now: "act now, at once", daily: "the rest, once a day" }, states: { works: "works", dead: "dead", untried: "not tried yet" }, test: "Try it", tested: "Sent.", kind: { email: "E-mail", webhook: "Webhook" }, never: "never", rule: "Quiet hours never hold back act now. No device names or flaw numbers leave by e-mail unless that is allowed." },
} as const;

export const me = {
  name: "My settings",
  look: "Look",
  keys: "Single keys",
  keysWords: "J, K, D and others act in lists and panels. Switch them off if you speak to the computer or press keys by accident.",
  keysOn: "Single keys act",
  second: "Second factor",
  secondState: { none: "None. A code or a passkey keeps your decisions yours.", totp: "Authenticator", passkey: "Passkey", provider: "By the hospital’s account" },
  must: "Here a second factor is asked for. Nothing else works until you have one.",
  addTotp: "Set up an authenticator...",
  totp: { title: "Set up an authenticator", words: "Enter this key in your authenticator, then the code it shows.", key: "Key", code: "Code", verb: "Set it up", again: "Your password once more: nobody else may add a factor to your account.", password: "Your password", next: "Go on" },
  views: "Saved views",
  noViews: "None. A list’s filter can be saved from the list.",
  remove: "Delete",
  session: (at: string) => `You are signed out at ${at} at the latest.`,
} as const;
