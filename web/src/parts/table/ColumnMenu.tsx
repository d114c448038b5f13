// Which columns of a list a person sees: kept for her, at most what is readable by default.

import { Menu } from "@mantine/core";
import { IconColumns } from "@tabler/icons-react";
import { text } from "../../messages";
import { Mark } from "../marks/Mark";
import "../../theme/mantine.css";

export default function ColumnMenu({ columns, shown, set }: { columns: { key: string; words: string }[]; shown: string[]; set: (keys: string[]) => void }) {
  return (
    <Menu position="bottom-start" shadow="md" closeOnItemClick={false}>
      <Menu.Target>
        <button type="button" className="btn btn-icon" aria-label={text.table.columns} title={text.table.columns}>
          <IconColumns size={16} stroke={1.75} aria-hidden />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{text.table.columns}</Menu.Label>
        {columns.map((it) => {
          const on = shown.includes(it.key);
          return (
            <Menu.Item
              key={it.key}
              role="menuitemcheckbox"
              aria-checked={on}
              leftSection={on ? <Mark name="tick" size={14} /> : <span className="menu-gap" />}
              onClick={() => set(on ? shown.filter((key) => key !== it.key) : [...shown, it.key])}
            >
              {it.words}
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}
