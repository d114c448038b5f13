// Words of lists and their filter.

import { count } from "../../../parts/numbers";

export const table = {
  next: "next row",
  previous: "previous row",
  first: "first row",
  last: "last row",
  openNext: "open the next row",
  openPrevious: "open the previous row",
  open: "open",
  pick: "pick",
  range: "pick a range",
  pickRow: "Pick this row",
  pickPage: (rows: number) => `Pick the ${rows} rows that are shown`,
  picked: (rows: number) => `${count(rows)} picked`,
  clear: "Pick none",
  columns: "Columns",
  changed: "changed",
} as const;

export const filter = {
  key: "filter",
  add: "Filter",
  label: "Filter, for example unit:icu exploited:yes",
  example: "unit:icu exploited:yes",
  remove: (chip: string) => `Take away ${chip}`,
  noField: (name: string) => `There is no field “${name}”.`,
  noValue: (value: string) => `“${value}” does not fit this field.`,
} as const;

export const shellLive = {
  changed: (rows: number) => `${count(rows)} ${rows === 1 ? "row" : "rows"} changed,`,
  show: "show",
} as const;
