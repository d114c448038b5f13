// Words of the analyst's start.

import { count } from "../../../parts/numbers";

const decided = (decision: string | null) => (decision === null ? "not exposed" : decision.replaceAll("_", " "));

export const today = {
  name: "Today",
  actNow: "Act now",
  openWorklist: "Open in worklist",
  more: (jobs: number) => `${count(jobs)} more cannot wait`,
  moreDue: (jobs: number) => `${count(jobs)} more`,
  byFix: "By what has to be done",
  woke: "Woke up",
  wokeNow: (decision: string) => ` is now ${decision.toLowerCase()}`,
  tripped: (wire: string, when: string) => `Tripped: ${wire}, ${when}`,
  trippedBare: (wire: string) => `Tripped: ${wire}`,
  withoutZone: (devices: string) => `${devices} in no network that a zone sheet speaks of`,
  dueSoon: "Also due within 72 hours",
  changed: "What changed, and why",
  allChanges: "All",
  moved: (component: string, vulnerability: string, from: string | null, to: string | null, devices: string) => `${component}, ${vulnerability}: ${decided(from)} to ${decided(to)}, ${devices}`,
  blind: "What we cannot see",
  blindWords: (part: string, whole: string, share: string) => ({ strong: `${part} of ${whole} devices`, rest: ` (${share}) are not evaluable. They are not counted as safe.` }),
  unassigned: "Unassigned",
  exposureDays: "in the last 30 days",
  quiet: (judged: string, time: string) => `${judged} devices judged at ${time}.`,
  quietUnknown: (devices: string) => `${devices} could not be judged.`,
  seeScheduled: "See the scheduled jobs",
  seeUnknown: "See what could not be judged",
  cannotSay: "We cannot say what must be done today",
  cannotSayWhy: (feed: string) => `${feed} is older than its limit, and a zero here would be a guess.`,
  openFeed: "Open the feed",
  deadChannels: "Nobody can be told",
  deadWords: (channel: string) => `${channel} does not answer. Messages go through the others.`,
  subnet: (subnet: string, words: string) => `${subnet}: ${words}`,
  due: "due",
} as const;

export const changes = {
  title: "What has changed since",
  name: "Changes",
  words: (from: string) => `Each row: the fact, then what it moved. Since ${from}.`,
  none: "Nothing stands elsewhere than then.",
  notAssessed: "Nobody can say yet: the site has not been assessed since. The server does so within the hour.",
  cause: "Because",
  consequence: "What moved",
  devices: "Devices",
  when: "When",
} as const;
