// Saved views are named links, private or shared with a role.

import { Menu } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { useState } from "react";
import { settingsOf, usePerson } from "../../app/person";
import { useAddress } from "../../app/place";
import { saveSettings } from "../../app/settings";
import { text, words } from "../../messages";
import { Step } from "../../parts/Step";
import "../../theme/mantine.css";

const t = text.worklist;

export default function SavedViews() {
  const session = usePerson();
  const [search, change] = useAddress();
  const [naming, setNaming] = useState(false);
  const [name, setName] = useState("");
  const views = settingsOf(session).views.filter((it) => it.page === "/worklist");
  const now = new URLSearchParams(Object.entries({ view: search["view"], filter: search["filter"], sort: search["sort"] }).flatMap(([key, value]) => (value ? [[key, value]] : []))).toString();
  return (
    <>
      <Menu position="bottom-start" shadow="md" width={280}>
        <Menu.Target>
          <button type="button" className="btn tools-plain">
            <IconChevronDown size={14} stroke={1.75} aria-hidden /> {t.views}
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          {views.length === 0 && <Menu.Label>{t.noViews}</Menu.Label>}
          {views.map((it) => (
            <Menu.Item key={it.id} onClick={() => change({ view: undefined, filter: undefined, sort: undefined, open: undefined, ...Object.fromEntries(new URLSearchParams(it.search)) })}>
              {it.title}
              {it.shared_with && <span className="faint small card-line">{t.sharedWith(words.role[it.shared_with].toLowerCase())}</span>}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item disabled={!now} onClick={() => setNaming(true)}>
            {t.saveView}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {naming && (
        <Step
          title={t.saveView.replace("...", "")}
          verb={words.save}
          close={() => setNaming(false)}
          reason={false}
          ready={name.trim().length > 0}
          run={() => saveSettings(session, { views: [...settingsOf(session).views, { id: crypto.randomUUID(), title: name.trim(), page: "/worklist", search: `?${now}`, shared_with: null }] })}
        >
          <div className="field">
            <label htmlFor="view-name">{t.viewName}</label>
            <input id="view-name" className="input" value={name} onChange={(event) => setName(event.target.value)} />
          </div>
        </Step>
      )}
    </>
  );
}
