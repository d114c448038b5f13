// What must we decide?  One A4 page, six figures, each with a year's line, the aim,
// one sentence, and either a decision or none.  Nothing to click is needed.

import { IconPrinter } from "@tabler/icons-react";
import { useEffect } from "react";
import type { Board as Answer, BoardFigure } from "../../api/draft";
import { useRead } from "../../api/queries";
import { Brand } from "../../app/Frame";
import { Go } from "../../app/Link";
import { usePerson } from "../../app/person";
import { text, words } from "../../messages";
import { Line } from "../../parts/charts/charts";
import { day } from "../../parts/dates";
import { Chip } from "../../parts/marks/Chip";
import { Mark } from "../../parts/marks/Mark";
import { Shown } from "../../parts/states";
import "./board.css";

const t = text.board;

export default function Board() {
  const answer = useRead<Answer>("/board");
  useEffect(() => {
    document.title = `${t.name} · exposome`;
  }, []);
  return (
    <Shown of={answer} what={t.name}>
      {(it) => <Sheet answer={it} />}
    </Shown>
  );
}

function Sheet({ answer }: { answer: Answer }) {
  const session = usePerson();
  return (
    <div className="board-desk">
      <p className="board-print no-print">
        <button type="button" className="btn" onClick={() => window.print()}>
          <IconPrinter size={16} stroke={1.75} aria-hidden /> {t.print}
        </button>
      </p>
      <article className="board" data-mantine-color-scheme="light">
        <header className="board-head">
          <span className="row">
            <Brand /> <b>{session.sites[0]?.name}</b>
          </span>
          <span className="quiet">{t.for(day(answer.day))}</span>
        </header>
        <h1>{answer.sentence.words}</h1>
        <div className="board-figures">
          {answer.figures.map((it) => (
            <Figure key={it.key} figure={it} />
          ))}
        </div>
        <footer className="board-foot">{answer.footer}</footer>
      </article>
    </div>
  );
}

function Figure({ figure }: { figure: BoardFigure }) {
  const { series } = figure;
  return (
    <section className="board-figure">
      <h2>{figure.title}</h2>
      <p className="board-value">
        {figure.value === null ? (
          <Chip kind="not_evaluable" mark="not_evaluable">
            {t.cannot}
          </Chip>
        ) : (
          <Go to={figure.link} className="board-number">
            {figure.value}
          </Go>
        )}
        <span className="quiet">{figure.value === null ? "" : figure.whole}</span>
      </p>
      <p className="quiet">{figure.words}</p>
      <div className="board-line">
        {figure.value !== null && <Line series={series} height={96} toggle={false} />}
        {figure.value === null && <div className="hatched board-blank" role="img" aria-label={words.three.unknown} />}
      </div>
      <p className="board-decide">
        <Mark name={figure.decide ? "next" : "tick"} />
        <span>
          {figure.decide ? (
            <>
              <b>{t.decide}</b> {figure.decide}
            </>
          ) : (
            t.noDecision
          )}
        </span>
      </p>
    </section>
  );
}
