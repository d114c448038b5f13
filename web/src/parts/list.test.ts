import { describe, expect, it } from "vitest";
import type { Binding } from "./keys";
import { find, nameOf } from "./keys";
import { differences } from "./differences";
import { gaps } from "./charts/gaps";
import { nextSort, parseSort } from "./table/sort";
import { fit } from "../app/pattern";
import { parseSearch, writeSearch } from "../app/search";

describe("sorting by a press on a head", () => {
  it("goes up, down, and off", () => {
    const up = nextSort(undefined, "due", false);
    const down = nextSort(up, "due", false);
    expect([up, down, nextSort(down, "due", false)]).toEqual(["due", "-due", undefined]);
  });
  it("keeps the first key when Shift is held", () => expect(nextSort("-due", "devices", true)).toBe("-due,devices"));
  it("reads what it writes", () => expect(parseSort("-due,devices")).toEqual([{ name: "due", down: true }, { name: "devices", down: false }]));
});

describe("live changes", () => {
  const rows = [{ id: "a", due: 1 }, { id: "b", due: 2 }];
  it("mark what reads otherwise and what is new, and nothing else", () => {
    expect([...differences(rows, [{ id: "a", due: 1 }, { id: "b", due: 3 }, { id: "c", due: 1 }], (it) => it.id)]).toEqual(["b", "c"]);
    expect(differences(rows, [...rows].reverse(), (it) => it.id).size).toBe(0);
  });
});

describe("keys", () => {
  const bind = (key: string): Binding => ({ key, words: key, run: () => undefined });
  it("one after the other is a sequence only while it lasts", () => {
    const all = [bind("g t"), bind("t"), bind("ctrl+k")];
    expect(find("g", null, all)).toBe("begins");
    expect(find("t", "g", all)).toBe(all[0]);
    expect(find("t", null, all)).toBe(all[1]);
    expect(find("q", null, all)).toBeNull();
  });
  it("Shift makes a letter another key, Ctrl a name", () => {
    expect(nameOf({ key: "X", ctrlKey: false, metaKey: false, altKey: false })).toBe("X");
    expect(nameOf({ key: "K", ctrlKey: true, metaKey: false, altKey: false })).toBe("ctrl+k");
  });
});

describe("the address", () => {
  it("holds a filter readably and gives it back whole", () => {
    const search = { filter: 'unit == "Intensive care" && kev', as_of: "2026-03-03T09:00:00Z", open: "CE-1/CVE-2024-1/x" };
    const text = writeSearch(search);
    expect(text).toContain("as_of=2026-03-03T09:00:00Z");
    expect(parseSearch(text)).toEqual(search);
  });
  it("leaves out what is not set", () => expect(writeSearch({ filter: undefined, sort: "" })).toBe(""));
});

it("an address fits its pattern whole or not at all", () => {
  expect(fit("/assets/$asset", "/assets/CE%2F1/")).toEqual({ asset: "CE/1" });
  expect(fit("/assets/$asset", "/assets/CE-1/exposures/x")).toBeNull();
  expect(fit("/assets/$asset", "/assets/%E0%A4%A")).toBeNull();
});

it("days without a value are runs", () => {
  expect(gaps([{ value: 1 }, { value: null }, { value: null }, { value: 2 }, { value: null }])).toEqual([{ from: 1, to: 2 }, { from: 4, to: 4 }]);
});
