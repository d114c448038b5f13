import { describe, expect, it } from "vitest";
import type { Field } from "../../api/draft";
import { and, chipOf, match, split, terms, translate, without } from "./language";

const FIELDS: Field[] = [
  { name: "unit", kind: "text", words: "unit", values: ["Intensive care", "Medicine 4 East", "Emergency"] },
  { name: "location", kind: "text", words: "place" },
  { name: "decision", kind: "choice", words: "decision", values: ["act_now", "schedule", "not_evaluable"] },
  { name: "kev", kind: "flag", words: "exploited (KEV)" },
  { name: "gated", kind: "flag", words: "behind the gate" },
  { name: "harm", kind: "number", words: "harm" },
  { name: "due", kind: "day", words: "due" },
  { name: "title", kind: "text", words: "words" },
];

function check(typed: string, expected: string) {
  const { filter, complaints } = translate(typed, FIELDS);
  expect(complaints.length > 0 ? `complains of ${complaints.map((it) => `${it.why} ${it.word}`).join(", ")}` : filter).toBe(expected);
}

describe("what a person types", () => {
  it("a ward is found by its initials", () => check("unit:icu exploited:yes", 'unit == "Intensive care" && kev'));
  it("a flag can be no, and a term can be turned round", () => {
    check("gated:no", "!gated");
    check("-gated:yes", "!gated");
    check("-unit:emergency", '!(unit == "Emergency")');
  });
  it("several values of one field are alternatives", () => check("unit:icu,emergency", '(unit == "Intensive care" || unit == "Emergency")'));
  it("numbers are compared, and a day is from its first moment to the next day's", () => {
    check("harm:>3", "harm > 3");
    check("due:<=2026-08-31", 'due < timestamp("2026-09-01T00:00:00Z")');
    check("due:>2026-08-12", 'due >= timestamp("2026-08-13T00:00:00Z")');
    check("due:2026-08-12", '(due >= timestamp("2026-08-12T00:00:00Z") && due < timestamp("2026-08-13T00:00:00Z"))');
    check("due:soon", "complains of value soon");
  });
  it("words without a field are looked for in what things are called, in large and small letters", () => {
    check('"Infusion Pump"', 'title.lowerAscii().contains("infusion pump")');
  });
  it("what nobody knows can be asked for", () => check("unit:unknown", "!known(unit)"));
  it("a decision is one of its names, said with or without the low line", () => {
    check('decision:"act now"', 'decision == "act_now"');
    check("state:act_now", 'decision == "act_now"');
  });
  it("an unknown field and a value that does not fit are said, not guessed", () => {
    check("color:red", "complains of field color");
    check("harm:high", "complains of value high");
    check("decision:perhaps", "complains of value perhaps");
    check("exploited:maybe", "complains of value maybe");
  });
  it("who writes the language itself is taken at their word", () => check('unit == "ICU" || kev', 'unit == "ICU" || kev'));
  it("a quote in a value cannot end the text", () => check('location:a\\b', 'location.lowerAscii().contains("a\\\\b")'));
});

describe("the parts of a filter", () => {
  it("are split at its top only", () => {
    expect(terms('unit == "a && b" && (kev || gated) && !overdue')).toEqual(['unit == "a && b"', "(kev || gated)", "!overdue"]);
    expect(terms("kev || gated")).toEqual(["kev || gated"]);
    expect(terms("")).toEqual([]);
  });
  it("one can be taken away", () => expect(without('kev && unit == "x"', "kev")).toBe('unit == "x"'));
  it("alternatives keep their brackets when something is added", () => expect(and("kev || gated", "harm > 3")).toBe("(kev || gated) && harm > 3"));
  it("read as a field and a value", () => {
    expect(chipOf('unit == "Intensive care"', FIELDS)).toEqual({ field: "unit", value: "Intensive care" });
    expect(chipOf('location.lowerAscii().contains("3-icu")', FIELDS)).toEqual({ field: "place", value: "…3-icu…" });
    expect(chipOf('due < timestamp("2026-09-01T00:00:00Z")', FIELDS)).toEqual({ field: "due", value: "< 2026-09-01" });
    expect(chipOf("!known(unit)", FIELDS)).toEqual({ field: "unit", value: "?" });
    expect(chipOf('(name.lowerAscii().contains("pump") || title.lowerAscii().contains("pump"))', FIELDS)).toEqual({ field: "", value: "…pump…" });
    expect(chipOf("!kev", FIELDS)).toEqual({ field: "exploited (KEV)", value: "no" });
    expect(chipOf('decision == "act_now"', FIELDS)).toEqual({ field: "decision", value: "act now" });
    expect(chipOf("(kev || gated)", FIELDS)).toEqual({ field: "", value: "(kev || gated)" });
  });
});

it("words are split at blanks, quoted ones kept whole", () => expect(split('a "b c" d:"e f"')).toEqual(["a", '"b c"', 'd:"e f"']));
it("the whole name wins over its beginning", () => expect(match(["Care", "Care home"], "care")).toBe("Care"));
