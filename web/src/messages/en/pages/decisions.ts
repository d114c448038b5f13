// Words of decisions, approvals and of biomed's week.

import { inWords } from "../../../parts/numbers";

const capital = (it: string) => it.charAt(0).toUpperCase() + it.slice(1);

export const decisions = {
  title: "Decisions",
  beside: "what people decided, and why",
  label: "Decisions, newest first",
  column: { what: "Decision and reason", by: "By", at: "When", state: "State" },
  holds: "Holds",
  waits: (who: string) => `Waits for ${who}`,
  takenBack: "Taken back",
  second: (who: string) => `and ${who}`,
  none: "Nobody has decided anything yet.",
  waiting: "Only what waits",
  all: "All",
  view: "Which decisions",
  takeBack: "Take back...",
  takeBackStep: { title: (n: number) => `Take back decision ${n}`, consequence: "From now on it does not hold. It stays in the record.", verb: "Take it back" },
} as const;

export const approvals = {
  title: (n: number) => (n === 0 ? "Nothing waits for a signature." : n === 1 ? "One decision waits for a signature." : `${capital(inWords(n))} decisions wait for a signature.`),
  name: "Approvals",
  none: "When somebody asks to change or to defer something behind the clinical gate, the question appears here.",
  askedBy: (who: string, when: string) => `asked by ${who}, ${when}`,
  by: (when: string) => `Please answer by ${when}`,
  reason: "The reason given",
  ifNothing: "If it does not wait",
  ifDone: "If it waits",
  device: "The device",
  questions: "Your two questions",
  q1: "Can the unit do without the change for that time?",
  q2: "Is the risk of waiting worth it?",
  yes: "Yes",
  no: "No",
  conditions: "Conditions, if any",
  conditionsHint: "for example “only until the spare arrives”",
  seats: "Two seats",
  signed: (who: string, when: string) => `${who}. Signed ${when}.`,
  empty: "Nobody has signed here yet.",
  sign: "Sign",
  notLikeThis: "Not like this...",
  ask: "Ask a question...",
  open: (n: number) => (n === 2 ? "Two questions are still open" : "One question is still open"),
  saidNo: "With a no, it cannot be signed; say what should be different.",
  changed: "Changed since you read it; your answers were cleared:",
  signStep: { title: "Sign", consequence: "Your signature stands beside the decision, with your name and the time. Any change to it voids the signature.", verb: "Sign", password: "Your password, once more" },
  declineStep: { title: "Not like this", consequence: "It goes back to whoever asked, with your reason.", verb: "Send it back" },
  askStep: { title: "Ask a question", consequence: "It stays open. Whoever asked is told your question.", verb: "Ask" },
  done: "Signed. Thank you.",
  declined: "Sent back.",
  asked: "Asked.",
  back: "To the list",
  readOnly: "You can read this. A biomed engineer and a clinician sign it.",
} as const;

export const week = {
  name: "My week",
  jobsName: "Jobs",
  unit: (unit: string | null) => unit ?? "Unit not known",
  none: "No job waits for you. What could not be judged is under Devices.",
  where: (places: string) => places,
  all: "All of this unit",
  exploited: "exploited elsewhere",
  flaw: "a known flaw",
  gate: "two signatures first",
  due: "Due",
  devices: "Devices",
  column: { job: "Job and where", devices: "Devices", due: "Due", gate: "Gate", state: "State" },
  jobs: "Jobs for you, most urgent first",
} as const;
