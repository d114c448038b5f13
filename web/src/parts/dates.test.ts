import { beforeEach, expect, it } from "vitest";
import { day, daysTo, hoursTo, monthOf, setMoment, setZone, when, wholeMoment, weekday } from "./dates";

beforeEach(() => {
  setZone("UTC");
  setMoment("2026-08-10T06:42:00Z", false);
});

it("a day of this year has no year, one of another has", () => {
  expect(weekday("2026-08-12")).toBe("Wed 12 Aug");
  expect(day("2025-08-12")).toBe("12 Aug 2025");
});
it("September has three letters like the others", () => expect(day("2026-09-04")).toBe("4 Sep"));
it("within six days a time has its weekday, before that its day", () => {
  expect(when("2026-08-09T21:14:00Z")).toBe("Sun 21:14");
  expect(when("2026-07-21T13:15:00Z")).toBe("21 Jul 13:15");
});
it("in the past every date is absolute", () => {
  setMoment("2026-08-10T06:42:00Z", true);
  expect(when("2026-08-09T21:14:00Z")).toBe("9 Aug 2026 21:14");
});
it("times are those of the site's zone, days are days everywhere", () => {
  setZone("America/New_York");
  expect(wholeMoment("2026-03-03T14:00:00Z")).toBe("Tue 3 Mar 2026, 09:00");
  expect(weekday("2026-08-12")).toBe("Wed 12 Aug");
});
it("what is due today has hours left, not days", () => {
  expect(daysTo("2026-08-10")).toBe(0);
  expect(hoursTo("2026-08-10")).toBe(17);
  expect(daysTo("2026-08-09")).toBeLessThan(0);
});
it("a series of months is written in months", () => expect(monthOf("2025-08-28")).toBe("Aug 2025"));
