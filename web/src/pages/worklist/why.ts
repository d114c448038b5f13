// The second line of a job: why it is here, then what hinders.

import type { Job } from "../../api/draft";
import { text } from "../../messages";

const t = text.worklist;

export function whyOf(job: Job): string {
  const parts =
    job.action.kind === "find_out" && job.action.fact
      ? [t.needs(job.action.fact)]
      : [capital(job.because.replace(/^not known: .*; at worst /, "")), ...(job.unsettled.length > 0 ? [t.unsettled(job.unsettled[0] ?? "")] : [])];
  if (job.gated) parts.push(t.awaits);
  return parts.join(" · ");
}

function capital(it: string): string {
  return it.charAt(0).toUpperCase() + it.slice(1);
}
