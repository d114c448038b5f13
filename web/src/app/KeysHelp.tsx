// All keys that act on the page that is shown.

import { shell } from "../messages";
import { Dialog } from "../parts/Dialog";
import { useAllKeys } from "../parts/keys";

const SHOWN: Record<string, string> = { ArrowDown: "↓", ArrowUp: "↑", Escape: "Esc", "ctrl+k": "Ctrl K" };

export function keyName(key: string): string {
  if (SHOWN[key]) return SHOWN[key];
  if (key.length === 1 && key !== key.toLowerCase()) return `Shift ${key}`;
  return key.length === 1 || key.includes(" ") ? key.toUpperCase() : key;
}

export function KeysHelp({ close, single }: { close: () => void; single: boolean }) {
  const all = useAllKeys();
  const parts = [
    { title: shell.keys.here, keys: all.filter((it) => !it.everywhere) },
    { title: shell.keys.everywhere, keys: all.filter((it) => it.everywhere) },
  ];
  return (
    <Dialog title={shell.keys.title} close={close} width="narrow">
      {!single && <p className="notes">{shell.keys.off}</p>}
      {parts.map(
        ({ title, keys }) =>
          keys.length > 0 && (
            <section key={title} className="keys-part">
              <h3>{title}</h3>
              <dl className="facts">
                {keys.map((it) => (
                  <div key={it.key} className="keys-row">
                    <dt>
                      <kbd>{keyName(it.key)}</kbd>
                    </dt>
                    <dd>{it.words}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ),
      )}
    </Dialog>
  );
}
