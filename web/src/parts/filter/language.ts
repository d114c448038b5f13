// From what a person types to the filter language, and back to chips.
//
// `unit:icu exploited:yes -gated:yes harm:>3` becomes
// `unit == "Intensive care" && exploited && !gated && harm > 3`.  Who writes the
// language itself (anything with an operator of it) is taken at their word; the
// server judges it.

import type { Field } from "../../api/draft";

export interface Translated {
  filter: string;
  complaints: { word: string; why: "field" | "value" }[];
}

/** Other words for fields: what people say. */
const ALSO: Record<string, string> = {
  exploited: "kev",
  ward: "unit",
  device: "asset",
  cve: "vulnerability",
  flaw: "vulnerability",
  state: "decision",
  maker: "vendor",
  place: "location",
  class: "purpose",
  function: "purpose",
  kind: "purpose",
};

/** Where a word without a field is looked for. */
const LOOKED_IN = ["name", "title", "component", "asset", "vulnerability"];

/** What says that nobody knows. */
const UNKNOWN = ["unknown", "?", "none"];

const OPERATORS = /==|!=|&&|\|\||\bin\s*\[|\.(contains|startsWith|endsWith|lowerAscii)\(|\bknown\(|^\s*!/;

export function translate(typed: string, fields: Field[]): Translated {
  if (OPERATORS.test(typed)) return { filter: typed.trim(), complaints: [] };
  const complaints: Translated["complaints"] = [];
  const terms = split(typed).flatMap((word) => {
    const not = word.startsWith("-") && word.length > 1;
    const bare = not ? word.slice(1) : word;
    const term = termOf(bare, fields, complaints);
    if (term === null) return [];
    return [not ? negate(term) : term];
  });
  return { filter: terms.join(" && "), complaints };
}

function negate(term: string): string {
  return /^[A-Za-z_]+$/.test(term) ? `!${term}` : `!(${term})`;
}

/** Words, with `"two words"` kept whole. */
export function split(typed: string): string[] {
  return typed.match(/(?:[^\s"]+|"[^"]*")+/g) ?? [];
}

function termOf(word: string, fields: Field[], complaints: Translated["complaints"]): string | null {
  const colon = word.indexOf(":");
  if (colon <= 0) {
    const text = unquote(word);
    if (!text) return null;
    const within = fields.filter((it) => LOOKED_IN.includes(it.name)).map((it) => part(it.name, text));
    return within.length > 1 ? `(${within.join(" || ")})` : (within[0] ?? null);
  }
  const name = word.slice(0, colon).toLowerCase();
  const field = fields.find((it) => it.name === name) ?? fields.find((it) => it.name === ALSO[name]);
  if (!field) {
    complaints.push({ word: name, why: "field" });
    return null;
  }
  const given = word.slice(colon + 1);
  const values = given.split(",").map(unquote).filter(Boolean);
  if (values.length === 0) return null;
  const terms = values.map((value) => comparison(field, value));
  const wrong = terms.findIndex((it) => it === null);
  if (wrong >= 0) {
    complaints.push({ word: values[wrong] ?? given, why: "value" });
    return null;
  }
  return terms.length === 1 ? (terms[0] ?? null) : `(${terms.join(" || ")})`;
}

const YES = ["yes", "true", "1", "y"];
const NO = ["no", "false", "0", "n"];

/** Large or small letters are the same to a person. */
function part(name: string, text: string): string {
  return `${name}.lowerAscii().contains(${quote(text.toLowerCase())})`;
}

function comparison(field: Field, value: string): string | null {
  const low = value.toLowerCase();
  if (UNKNOWN.includes(low) && !field.values?.some((it) => it.toLowerCase() === low)) return `!known(${field.name})`;
  if (field.kind === "flag" || field.kind === "truth") {
    if (YES.includes(low)) return field.name;
    return NO.includes(low) ? `!${field.name}` : null;
  }
  const [, operator = "==", rest = value] = /^(>=|<=|>|<)(.*)$/.exec(value) ?? [];
  if (field.kind === "number") {
    return /^-?\d+(\.\d+)?$/.test(rest) ? `${field.name} ${operator} ${rest}` : null;
  }
  if (field.kind === "day" || field.kind === "moment") return days(field.name, operator, rest);
  const known = match(field.values ?? [], value);
  if (known) return `${field.name} == ${quote(known)}`;
  if (field.kind === "choice") return null;
  return part(field.name, value);
}

/** A day is from its first moment to the first of the next. */
function days(name: string, operator: string, day: string): string | null {
  const start = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(start)) return null;
  const from = `timestamp("${day}T00:00:00Z")`;
  const next = `timestamp("${new Date(start + 86_400_000).toISOString().slice(0, 10)}T00:00:00Z")`;
  if (operator === "<") return `${name} < ${from}`;
  if (operator === ">=") return `${name} >= ${from}`;
  if (operator === "<=") return `${name} < ${next}`;
  if (operator === ">") return `${name} >= ${next}`;
  return `(${name} >= ${from} && ${name} < ${next})`;
}

/** The value that was meant: the same, its initials (icu), its beginning, or a part of it. */
export function match(values: string[], typed: string): string | null {
  const low = typed.toLowerCase().replaceAll("_", " ");
  const plain = (value: string) => value.toLowerCase().replaceAll("_", " ");
  const initials = (value: string) =>
    plain(value)
      .split(/[\s-]+/)
      .map((it) => it[0] ?? "")
      .join("");
  return (
    values.find((it) => plain(it) === low) ??
    values.find((it) => plain(it).startsWith(low)) ??
    values.find((it) => initials(it) === low || `${initials(it)}u` === low) ??
    values.find((it) => plain(it).includes(low)) ??
    null
  );
}

function unquote(text: string): string {
  return text.replaceAll('"', "").trim();
}

export function quote(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** The parts of a filter that are joined by `&&` at its top, each a chip that can be taken away. */
export function terms(filter: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let quoted = false;
  let term = "";
  for (let at = 0; at < filter.length; at += 1) {
    const letter = filter[at] ?? "";
    if (quoted && letter === "\\") {
      term += letter + (filter[at + 1] ?? "");
      at += 1;
      continue;
    }
    if (letter === '"') quoted = !quoted;
    if (!quoted && (letter === "(" || letter === "[")) depth += 1;
    if (!quoted && (letter === ")" || letter === "]")) depth -= 1;
    if (!quoted && depth === 0 && filter.startsWith("||", at)) return [filter.trim()];
    if (!quoted && depth === 0 && filter.startsWith("&&", at)) {
      found.push(term.trim());
      term = "";
      at += 1;
      continue;
    }
    term += letter;
  }
  found.push(term.trim());
  return found.filter(Boolean);
}

export function without(filter: string, term: string): string {
  return terms(filter)
    .filter((it) => it !== term)
    .join(" && ");
}

export function and(...filters: (string | undefined)[]): string {
  const given = filters.filter((it): it is string => Boolean(it?.trim()));
  if (given.length <= 1) return given[0] ?? "";
  return given.map((it) => (terms(it).length === 1 && it.includes("||") && !it.startsWith("(") ? `(${it})` : it)).join(" && ");
}

/** A chip's two halves: the field in quiet, the value in strong. */
export function chipOf(term: string, fields: Field[]): { field: string; value: string } {
  const not = /^!(\w+)$/.exec(term);
  const flag = /^(\w+)$/.exec(term);
  const name = (it: string) => fields.find((field) => field.name === it)?.words ?? it;
  if (not?.[1]) return { field: name(not[1]), value: "no" };
  if (flag?.[1]) return { field: name(flag[1]), value: "yes" };
  const equal = /^(\w+) == "((?:[^"\\]|\\.)*)"$/.exec(term);
  if (equal?.[1]) return { field: name(equal[1]), value: (equal[2] ?? "").replaceAll("_", " ") };
  const unknown = /^!known\((\w+)\)$/.exec(term);
  if (unknown?.[1]) return { field: name(unknown[1]), value: "?" };
  const part = /^(\w+)(?:\.lowerAscii\(\))?\.contains\("((?:[^"\\]|\\.)*)"\)$/.exec(term);
  if (part?.[1]) return { field: name(part[1]), value: `…${part[2]}…` };
  const everywhere = /^\((?:\w+\.lowerAscii\(\)\.contains\(("(?:[^"\\]|\\.)*")\)(?: \|\| )?)+\)$/.exec(term);
  if (everywhere?.[1] && term.split(everywhere[1]).length > 2) return { field: "", value: `…${JSON.parse(everywhere[1]) as string}…` };
  const moment = /^(\w+) (>=|<=|>|<) timestamp\("(\d{4}-\d{2}-\d{2})[^"]*"\)$/.exec(term);
  if (moment?.[1]) return { field: name(moment[1]), value: `${moment[2]} ${moment[3]}` };
  const other = /^(\w+) (>=|<=|>|<) "?([^"]+)"?$/.exec(term);
  if (other?.[1]) return { field: name(other[1]), value: `${other[2]} ${other[3]}` };
  return { field: "", value: term };
}
