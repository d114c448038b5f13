// Figures as people read them: thousands with the locale's sign, per cent with a
// thin space, EPSS never 0 and never 100.

const THIN = "\u202f";
const whole = new Intl.NumberFormat("en-GB");

export function count(value: number): string {
  return whole.format(value);
}

/** "8.1 %"; the two counts stand beside it, always. */
export function percent(part: number, of: number): string {
  if (of === 0) return "–";
  const value = (part / of) * 100;
  return `${rounded(value)}${THIN}%`;
}

function rounded(value: number): string {
  if (value > 0 && value < 0.1) return "0.1";
  if (value >= 99.95 && value < 100) return "99.9";
  return value >= 10 ? String(Math.round(value)) : value.toFixed(1).replace(/\.0$/, "");
}

/** An EPSS probability given as text ("0.99999"): "above 99.9 %", "1.3 %", "below 0.1 %". */
export function probability(text: string): string {
  const value = Number(text) * 100;
  if (Number.isNaN(value)) return "–";
  if (value > 99.9) return `above\u00a099.9${THIN}%`;
  if (value < 0.1) return `below\u00a00.1${THIN}%`;
  return `${value >= 99 ? value.toFixed(1) : value >= 10 ? value.toFixed(1) : value.toFixed(1)}${THIN}%`;
}

/** "68th": the percentile in words' form. */
export function ordinal(text: string): string {
  const value = Math.floor(Number(text) * 100);
  const last = value % 10;
  const teen = Math.floor((value % 100) / 10) === 1;
  const ending = teen ? "th" : last === 1 ? "st" : last === 2 ? "nd" : last === 3 ? "rd" : "th";
  return `${value}${ending}`;
}

const SMALL = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

/** Small counts as words, at the head of a sentence or in it. */
export function inWords(value: number): string {
  return SMALL[value] ?? count(value);
}

export function middleCut(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const half = Math.floor((longest - 1) / 2);
  return `${text.slice(0, half)}…${text.slice(text.length - half)}`;
}
