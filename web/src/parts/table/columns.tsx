// The columns of a list as a person chose them.

import { lazy, type ReactNode, Suspense } from "react";
import { settingsOf, usePerson } from "../../app/person";
import { saveSettings } from "../../app/settings";
import type { Column } from "./Table";

const ColumnMenu = lazy(() => import("./ColumnMenu"));

/** Columns with `words` can be chosen; the others always stand.  `extra` ones are off until somebody wants them. */
export function useColumns<Row>(list: string, all: Column<Row>[]): [Column<Row>[], ReactNode] {
  const session = usePerson();
  const settings = settingsOf(session);
  const choices = all.flatMap((it) => (it.words ? [{ key: it.key, words: it.words }] : []));
  const usual = all.filter((it) => it.words && !it.extra).map((it) => it.key);
  const shown = settings.columns[list] ?? usual;
  const columns = all.filter((it) => !it.words || shown.includes(it.key));
  const menu = (
    <Suspense fallback={null}>
      <ColumnMenu columns={choices} shown={shown} set={(keys) => void saveSettings(session, { columns: { ...settings.columns, [list]: keys } })} />
    </Suspense>
  );
  return [columns, menu];
}
