// Days and times as people read them, in the site's zone: "Wed 12 Aug", with the
// year when it is not this year; 24 hours.  Relative words only within 72 hours,
// and never while reading the past or in print.

let zone: string | undefined;
let locale = "en-GB";
let reading: { now: number; past: boolean } = { now: Date.now(), past: false };

/** The site's zone; left out, the browser's. */
export function setZone(name: string | null | undefined): void {
  zone = name ?? undefined;
}

/** The moment that the pages speak of: of the last answer, or the chosen one. */
export function setMoment(at: string | null, past: boolean): void {
  reading = { now: at ? Date.parse(at) : Date.now(), past };
}

export function moment(): number {
  return reading.now;
}

type Options = Intl.DateTimeFormatOptions;
const formats = new Map<string, Intl.DateTimeFormat>();

function format(options: Options): Intl.DateTimeFormat {
  const key = JSON.stringify([locale, zone, options]);
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat(locale, { timeZone: zone, ...options });
  formats.set(key, made);
  return made;
}

function parts(at: number, options: Options): Record<string, string> {
  const found: Record<string, string> = {};
  for (const part of format(options).formatToParts(at)) found[part.type] = part.value;
  return found;
}

/** A day without an hour ("2026-08-12") is that day everywhere. */
function bareDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text);
}

function at(text: string): number {
  return Date.parse(bareDay(text) ? `${text}T12:00:00Z` : text);
}

function dayParts(text: string): Record<string, string> {
  const options: Options = { weekday: "short", day: "numeric", month: "short", year: "numeric" };
  return parts(at(text), bareDay(text) ? { ...options, timeZone: "UTC" } : options);
}

function yearOf(now: number): string {
  return parts(now, { year: "numeric" })["year"] ?? "";
}

const MONTHS: Record<string, string> = { Sept: "Sep" };

function month(p: Record<string, string>): string {
  const name = p["month"] ?? "";
  return MONTHS[name] ?? name;
}

/** "12 Aug", or "12 Aug 2025" in another year. */
export function day(text: string): string {
  const p = dayParts(text);
  const year = p["year"] === yearOf(reading.now) && !reading.past ? "" : ` ${p["year"]}`;
  return `${p["day"]} ${month(p)}${year}`;
}

/** "Aug 2025", for series of months. */
export function monthOf(text: string): string {
  const p = dayParts(text);
  return `${month(p)} ${p["year"]}`;
}

/** "Wed 12 Aug". */
export function weekday(text: string): string {
  return `${dayParts(text)["weekday"]} ${day(text)}`;
}

/** "Wed 12 Aug 2026", always whole. */
export function wholeDay(text: string): string {
  const p = dayParts(text);
  return `${p["weekday"]} ${p["day"]} ${month(p)} ${p["year"]}`;
}

/** "06:40". */
export function time(text: string): string {
  return format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(Date.parse(text));
}

/** "Sun 21:14" within six days, else "9 Aug 21:14"; a bare day stays a day. */
export function when(text: string): string {
  if (bareDay(text)) return weekday(text);
  const age = reading.now - Date.parse(text);
  const near = !reading.past && age >= 0 && age < 6 * 86_400_000;
  return `${near ? dayParts(text)["weekday"] : day(text)} ${time(text)}`;
}

/** "Tue 3 Mar 2026, 09:00". */
export function wholeMoment(text: string): string {
  return `${wholeDay(text)}, ${time(text)}`;
}

/** Whole days from now to the end of that day; negative: it is over. */
export function daysTo(text: string): number {
  const end = bareDay(text) ? Date.parse(`${text}T23:59:59Z`) : Date.parse(text);
  return Math.floor((end - reading.now) / 86_400_000);
}

/** Hours from now to the end of that day or that moment. */
export function hoursTo(text: string): number {
  const end = bareDay(text) ? Date.parse(`${text}T23:59:59Z`) : Date.parse(text);
  return Math.floor((end - reading.now) / 3_600_000);
}

export function isPast(): boolean {
  return reading.past;
}

export function setLocale(name: string): void {
  locale = name;
  formats.clear();
}
