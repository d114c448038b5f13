// Charts: own SVG, labels at the line, zero base for bars, gaps broken and
// hatched, and behind each a table and one sentence for those who do not see it.

import { type ReactNode, type RefObject, useEffect, useId, useRef, useState } from "react";
import type { Interval, Part, Series } from "../../api/draft";
import { words } from "../../messages";
import { day, moment, monthOf } from "../dates";
import { count, percent, probability } from "../numbers";
import { gaps } from "./gaps";
import "./charts.css";

/** A chart, its sentence, and the same figures as a table. */
export function Chart({ sentence, head, rows, children, toggle = true }: { sentence: string; head: string[]; rows: (string | number)[][]; children: ReactNode; toggle?: boolean }) {
  const [table, setTable] = useState(false);
  return (
    <figure className="chart">
      {table ? (
        <div className="chart-table">
          <table className="plain">
            <caption className="unseen">{sentence}</caption>
            <thead>
              <tr>
                {head.map((it, index) => (
                  <th key={it} scope="col" className={index > 0 ? "num" : undefined}>
                    {it}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row, index) => (
                <tr key={index}>
                  {row.map((it, place) => (
                    <td key={place} className={place > 0 ? "num" : undefined}>
                      {it}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <div role="img" aria-label={sentence}>
          {children}
        </div>
      )}
      {toggle && (
        <button type="button" className="chart-toggle no-print" aria-pressed={table} onClick={() => setTable(!table)}>
          {table ? words.asPicture : words.asTable}
        </button>
      )}
    </figure>
  );
}

/** The width that a chart has: its letters keep their size, whatever the box. */
function useWidth(otherwise: number): [RefObject<HTMLDivElement | null>, number] {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(otherwise);
  useEffect(() => {
    const at = box.current;
    if (!at || typeof ResizeObserver === "undefined") return;
    const watch = new ResizeObserver(([entry]) => {
      const now = Math.round(entry?.contentRect.width ?? 0);
      if (now > 0) setWidth(now);
    });
    watch.observe(at);
    return () => watch.disconnect();
  }, []);
  return [box, width];
}

interface LineProps {
  series: Series;
  height?: number;
  /** How a value is written. */
  write?: (value: number) => string;
  toggle?: boolean;
}

/** One line over time, with its aim dashed, its gaps hatched and its last value written. */
export function Line({ series, height = 96, write = count, toggle = true }: LineProps) {
  const id = useId();
  const [box, width] = useWidth(310);
  const { points, aim = null, breaks = [] } = series;
  const known = points.flatMap((it) => (it.value === null ? [] : [it.value]));
  if (known.length === 0) return null;
  const top = Math.max(...known, aim ?? 0) * 1.08 || 1;
  const low = 18;
  const x = (index: number) => 2 + (index / Math.max(1, points.length - 1)) * (width - 8);
  const y = (value: number) => height - low - (value / top) * (height - low - 12);
  const holes = gaps(points);
  const lines: string[] = [];
  let run = "";
  points.forEach(({ value, date }, index) => {
    const cut = breaks.some((it) => it.date === date);
    if (value === null || cut) {
      if (run) lines.push(run);
      run = "";
    }
    if (value !== null) run += `${run ? "L" : "M"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
  });
  if (run) lines.push(run);
  const first = points[0];
  const last = points.at(-1);
  const second = points[1];
  const monthly = first && second && Date.parse(second.date) - Date.parse(first.date) > 20 * 86_400_000;
  const at = monthly ? monthOf : day;
  const lastKnown = points.findLastIndex((it) => it.value !== null);
  const lastValue = points[lastKnown]?.value ?? 0;
  const sentence = `${series.title}: ${write(known[0] ?? 0)} ${first ? day(first.date) : ""}, ${write(lastValue)} ${last ? day(points[lastKnown]?.date ?? last.date) : ""}. ${holes.map((it) => words.noData(day(points[it.from]?.date ?? ""), day(points[it.to]?.date ?? ""))).join(", ")}`;
  return (
    <Chart sentence={sentence} head={[words.chartDay, series.unit]} rows={points.map((it) => [day(it.date), it.value === null ? words.three.unknown : write(it.value)])} toggle={toggle}>
      <div ref={box}>
      <svg viewBox={`0 0 ${width} ${height}`} className="line-chart" aria-hidden="true">
        <defs>
          <pattern id={id} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <line x1="0" y1="0" x2="0" y2="6" className="hatch-line" />
          </pattern>
        </defs>
        <line x1="0" x2={width} y1={height - low} y2={height - low} className="axis" />
        {holes.map((it) => (
          <rect key={it.from} x={x(it.from - 0.9)} width={x(it.to + 0.9) - x(it.from - 0.9)} y="8" height={height - low - 8} fill={`url(#${id})`} />
        ))}
        {aim !== null && (
          <>
            <line x1="0" x2={width} y1={y(aim)} y2={y(aim)} className="aim" />
            <text x="0" y={y(aim) - 4} className="label">
              {words.aim(write(aim))}
            </text>
          </>
        )}
        {breaks.map((it) => {
          const place = points.findIndex((point) => point.date === it.date);
          return place < 0 ? null : <line key={it.date} x1={x(place - 0.5)} x2={x(place - 0.5)} y1="6" y2={height - low} className="break" />;
        })}
        {lines.map((it) => (
          <path key={it} d={it} className="curve" />
        ))}
        <circle cx={x(lastKnown)} cy={y(lastValue)} r="3" className="dot" />
        <text x={Math.min(x(lastKnown) + 2, width - 2)} y={y(lastValue) - 9} textAnchor="end" className="label label-strong">
          {write(lastValue)}
        </text>
        <text x="0" y={height - 2} className="label">
          {first ? at(first.date) : ""}
        </text>
        <text x={width} y={height - 2} textAnchor="end" className="label">
          {last ? at(last.date) : ""}
        </text>
        {holes[0] && (
          <text x={Math.min(width - 60, Math.max(60, x((holes[0].from + holes[0].to) / 2)))} y={height - 2} textAnchor="middle" className="label">
            {words.noData(day(points[holes[0].from]?.date ?? ""), day(points[holes[0].to]?.date ?? ""))}
          </text>
        )}
      </svg>
      </div>
    </Chart>
  );
}

/** EPSS over time: linear, the wire with its value, broken where the model changed. */
export function EpssLine({ history, wire }: { history: { date: string; probability: string; model: string }[]; wire: string | null }) {
  const [box, width] = useWidth(340);
  const height = 120;
  const points = history.map((it) => ({ ...it, value: Number(it.probability) }));
  if (points.length === 0) return null;
  const limit = wire === null ? null : Number(wire);
  const top = Math.max(...points.map((it) => it.value), limit ?? 0, 0.02) * 1.25;
  const x = (index: number) => 4 + (index / Math.max(1, points.length - 1)) * (width - 14);
  const y = (value: number) => height - 18 - (value / top) * (height - 42);
  const wireUnder = limit !== null && y(limit) + 16 < height - 20;
  const cuts = points.flatMap((it, index) => (index > 0 && points[index - 1]?.model !== it.model ? [index] : []));
  const runs: string[] = [];
  let run = "";
  points.forEach((it, index) => {
    if (cuts.includes(index) && run) {
      runs.push(run);
      run = "";
    }
    run += `${run ? "L" : "M"}${x(index).toFixed(1)} ${y(it.value).toFixed(1)}`;
  });
  runs.push(run);
  const last = points.at(-1);
  const first = points[0];
  if (!last || !first) return null;
  const sentence = `EPSS: ${probability(last.probability)} ${day(last.date)}${limit === null ? "" : `; ${words.wakesAt(probability(String(limit)))}`}`;
  return (
    <Chart sentence={sentence} head={[words.chartDay, "EPSS", words.chartModel]} rows={points.map((it) => [day(it.date), probability(it.probability), it.model])}>
      <div ref={box}>
      <svg viewBox={`0 0 ${width} ${height}`} className="line-chart" aria-hidden="true">
        <line x1="0" x2={width} y1={height - 18} y2={height - 18} className="axis" />
        {limit !== null && (
          <>
            <line x1="0" x2={width} y1={y(limit)} y2={y(limit)} className="wire" />
            <text x="0" y={wireUnder ? y(limit) + 14 : y(limit) - 5} className="label label-wire">
              {words.wakesAt(probability(String(limit)))}
            </text>
          </>
        )}
        {cuts.map((it) => (
          <g key={it}>
            <line x1={x(it - 0.5)} x2={x(it - 0.5)} y1="2" y2={height - 18} className="break" />
            <text x={it > points.length / 2 ? x(it - 0.5) - 5 : x(it - 0.5) + 5} y={12} textAnchor={it > points.length / 2 ? "end" : "start"} className="label">
              {words.newModel(day(points[it]?.date ?? ""))}
            </text>
          </g>
        ))}
        {runs.map((it, index) => (
          <path key={index} d={it} className={index === runs.length - 1 ? "curve" : "curve curve-old"} />
        ))}
        <circle cx={x(points.length - 1)} cy={y(last.value)} r="3" className="dot" />
        <text x={width} y={y(last.value) - 7} textAnchor="end" className="label label-strong">
          {probability(last.probability)}
        </text>
        <text x="0" y={height - 4} className="label">
          {day(first.date)}
        </text>
        <text x={width} y={height - 4} textAnchor="end" className="label">
          {day(last.date)}
        </text>
      </svg>
      </div>
    </Chart>
  );
}

/** Low to high on a line from 0 to 10, with the policy line dashed.  Never a midpoint. */
export function IntervalBar({ value, name }: { value: Interval; name?: string }) {
  const low = Number(value.low);
  const high = Number(value.high);
  const x = (score: number) => (score / 10) * 160;
  const line = value.policy_line === null ? null : Number(value.policy_line);
  const said = words.interval.range(value.low, value.high);
  return (
    <span className="interval">
      {name && <span className="interval-name">{name}</span>}
      <svg width="160" height="18" viewBox="0 0 160 18" role="img" aria-label={`${said}${line === null ? "" : `, ${words.interval.line(value.policy_line ?? "")}`}`}>
        <line x1="0" x2="160" y1="9" y2="9" className="axis" />
        <rect x={x(low)} width={Math.max(3, x(high) - x(low))} y="5" height="8" className="interval-bar" />
        {line !== null && <line x1={x(line)} x2={x(line)} y1="1" y2="17" className="interval-line" />}
      </svg>
      <b className="figures">{said}</b>
    </span>
  );
}

/** Which of the two sentences holds for an interval. */
export function intervalWords(value: Interval): string {
  return value.decided ? words.interval.decided : words.interval.crosses(value.settles);
}

/** Seen and judged solid, not evaluable hatched, in device counts. */
export function Coverage({ judged, unknown, label }: { judged: number; unknown: number; label: string }) {
  const whole = judged + unknown;
  const share = whole === 0 ? 0 : (judged / whole) * 100;
  return (
    <svg className="coverage" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label={`${label}: ${words.count.of(judged, whole)}, ${percent(judged, whole)}`}>
      <Hatch />
      <rect x="0" y="0.5" width={share} height="7" className="coverage-known" />
      <rect x={share} y="0.5" width={100 - share} height="7" className="coverage-unknown" vectorEffect="non-scaling-stroke" />
      <rect x="0" y="0.5" width="100" height="7" className="coverage-edge" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}

function Hatch() {
  return (
    <defs>
      <pattern id="coverage-hatch" width="2.2" height="8" patternUnits="userSpaceOnUse" patternTransform="skewX(-20)">
        <line x1="0.4" y1="0" x2="0.4" y2="8" className="hatch-line" strokeWidth="0.5" />
      </pattern>
    </defs>
  );
}

/** Solid supported, outlined limited, dotted after the end, hatched unknown, one upright for today. */
export function SupportBars({ parts }: { parts: Part[] }) {
  const year = new Date(moment()).getUTCFullYear();
  const from = Date.UTC(year - 12, 0, 1);
  const to = Date.UTC(year + 4, 0, 1);
  const x = (at: string | number) => Math.max(0, Math.min(100, (((typeof at === "number" ? at : Date.parse(at)) - from) / (to - from)) * 100));
  const today = x(moment());
  return (
    <div className="support">
      {parts.map((part) => {
        const support = part.support;
        const start = support?.from ? x(support.from) : 0;
        const end = support?.until ? x(support.until) : 100;
        const limited = support?.limited_until ? x(support.limited_until) : end;
        const unknown = !support || support.state === "unknown";
        const said = unknown
          ? words.supportUnknown
          : support.state === "ended"
            ? words.supportEnded(support.until ? day(support.until) : null)
            : support.state === "limited"
              ? words.supportLimited(support.until ? day(support.until) : null)
              : words.supported(support.until ? day(support.until) : null);
        return (
          <div key={`${part.name} ${part.version}`} className="support-row">
            <span className="support-name">{[part.vendor && !part.name.startsWith(part.vendor) ? part.vendor : null, part.name, part.version].filter(Boolean).join(" ")}</span>
            <svg viewBox="0 0 100 10" preserveAspectRatio="none" className="support-bar" aria-hidden="true">
              {unknown ? (
                <rect x="0.2" y="2" width="99.6" height="6" className="coverage-unknown support-dashed" vectorEffect="non-scaling-stroke" />
              ) : (
                <>
                  <rect x={start} y="2" width={Math.max(0, end - start)} height="6" className="interval-bar" />
                  {limited > end && <rect x={end} y="2" width={limited - end} height="6" className="support-limited" vectorEffect="non-scaling-stroke" />}
                  <line x1={limited} x2="100" y1="5" y2="5" className="support-after" vectorEffect="non-scaling-stroke" />
                </>
              )}
              <line x1={today} x2={today} y1="0" y2="10" className="support-today" vectorEffect="non-scaling-stroke" />
            </svg>
            <span className={support?.state === "ended" ? "support-ended" : ""}>{said}</span>
          </div>
        );
      })}
    </div>
  );
}
