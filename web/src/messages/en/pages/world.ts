// Words of flaws and of applications.

export const vulnerability = {
  list: { title: "Vulnerabilities", beside: (flaws: string, devices: string | null) => `${flaws} flaws that anything here has${devices ? `, on ${devices} devices` : ""}`, label: "Flaws that anything here has", flaw: "Flaw", worst: "Worst", devices: "Devices", epss: "EPSS", cvss: "CVSS", kev: "Exploited", none: "No flaw fits this filter." },
  untitled: "No title was published",
  open: "Open the affected jobs",
  tabs: { label: "Devices by verdict", affected: "Affected", possibly: "Possibly", not: "Not affected", world: "What the world knows" },
  byDecision: "By decision",
  published: "Published scores, as given",
  publishedColumn: { score: "Score", vector: "Vector", publisher: "Publisher" },
  advisories: "Advisories and statements",
  advisoryColumn: { publisher: "Publisher", document: "Document", date: "Date", says: "Says" },
  kev: (date: string) => `Listed as exploited since ${date}`,
  notKev: "Not listed as exploited",
  kevDue: (date: string) => `agencies’ date ${date}`,
  noneHere: "No device.",
  notColumn: { devices: "Devices", because: "Why not" },
  column: { device: "Device", part: "Part and version", decision: "Decision", due: "Due", why: "Why" },
} as const;

export const application = {
  list: { title: "Applications", words: "A system of parts, with the weakest first.", label: "Applications", name: "Application", weakest: "Weakest part", parts: "Parts", unseen: "Nobody can see", owner: "Owner", none: "No document describes an application yet." },
  layer: { users: "Users", application: "Application", interface: "Interface", database: "Database", backup: "Backup", hosted: "Hosted elsewhere" },
  column: { part: "Part", state: "State", affected: "Affected", possibly: "Possibly", components: "Components" },
  nothing: "Nothing known against it",
  unseen: "Nobody can see it",
  facts: "About it",
  owner: "Owner",
  managed: "Kept by",
  data: "Data",
  downtime: "Without it",
  drilled: (hours: number, date: string) => `drilled for ${hours} h on ${date}`,
  never: "never drilled",
  noProcedure: "No source names a procedure.",
  label: "Parts of the application, weakest first in each layer",
} as const;
