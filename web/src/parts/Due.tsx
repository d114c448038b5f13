// A date until which something should be done.  Relative only within 72 hours.

import { words } from "../messages";
import { day, daysTo, hoursTo, isPast, weekday } from "./dates";
import "./small.css";

/** One word or two, for a narrow column. */
export function Due({ at, overdue }: { at: string | null; overdue: boolean }) {
  if (!at) return <span className="faint">{words.due.none}</span>;
  if (overdue) return <span className="due-over">{words.due.overdue(day(at))}</span>;
  const left = daysTo(at);
  if (!isPast() && left === 0) return <>{words.due.tonight}</>;
  return <>{!isPast() && left >= 0 && left < 6 ? weekday(at) : day(at)}</>;
}

/** The date, and under it what is left. */
export function Clock({ at, overdue }: { at: string | null; overdue: boolean }) {
  if (!at) return <span className="faint">{words.due.none}</span>;
  const hours = hoursTo(at);
  return (
    <span className="clock">
      <b>
        <Due at={at} overdue={overdue} />
      </b>
      {!isPast() && hours >= 0 && hours <= 24 * 7 && <span className="faint small">{words.due.left(hours)}</span>}
      {overdue && <span className="faint small">{words.due.over(Math.abs(daysTo(at)))}</span>}
    </span>
  );
}
