import { expect, it } from "vitest";
import { adapt, byDecision } from "./adapt";

it("counts of jobs and of exposures are told together, and what one side does not tell is nothing of it", () => {
  expect(byDecision({ act_now: 4, schedule: 0 }, { act_now: 61, defer: 2 })).toEqual({ act_now: { jobs: 4, exposures: 61 }, schedule: { jobs: 0, exposures: 0 }, defer: { jobs: 0, exposures: 2 } });
});

it("a worklist of the server reads as one of the pages", () => {
  const answer = adapt<{ totals: { jobs: number; by_decision: unknown } }>("/worklist", { totals: { jobs: 1, jobs_by_decision: { act_now: 1 }, exposures_by_decision: { act_now: 3 } }, rows: [] });
  expect(answer.totals).toMatchObject({ jobs: 1, by_decision: { act_now: { jobs: 1, exposures: 3 } } });
});

it("what the server does not say stays unknown and is never a zero", () => {
  const policy = adapt<{ in_force_since: unknown; thresholds: { value: string }[] }>("/policy", { severity_high: "7.0", epss_high_e5: 10_000, epss_model: "v2026.06.15", inputs: [{ name: "active", values: ["yes", "no"] }], rows: [] });
  expect(policy.in_force_since).toBeNull();
  expect(policy.thresholds.map((it) => it.value)).toEqual(["7.0", "0.10000", "v2026.06.15"]);
});

it("a part that is exposed has the state of its decision, one that nobody sees keeps its own", () => {
  const answer = adapt<{ parts: { state: string }[] }>("/applications/EHR", { parts: [{ state: "exposed", decision: "act_now" }, { state: "unseen", decision: null }] });
  expect(answer.parts.map((it) => it.state)).toEqual(["act_now", "unseen"]);
});

it("a hit leads to what it names", () => {
  const answer = adapt<{ rows: { link: string }[] }>("/search", { rows: [{ kind: "device", id: "CE 1" }, { kind: "vulnerability", id: "CVE-2024-1" }, { kind: "job", id: "ab" }, { kind: "unit", id: "ICU" }] });
  expect(answer.rows.map((it) => it.link)).toEqual(["/assets/CE%201", "/vulnerabilities/CVE-2024-1", "/worklist?open=ab", "/worklist?filter=unit%20%3D%3D%20%22ICU%22"]);
});

it("an answer that needs nothing is given as it is", () => {
  const answer = { person: 1 };
  expect(adapt("/session", answer)).toBe(answer);
});
