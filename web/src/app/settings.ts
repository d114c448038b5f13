// A person's own settings: kept by the server, shown at once.

import { write } from "../api/client";
import type { Session } from "../api/draft";
import { client } from "../api/queries";

export async function saveSettings(session: Session, change: Partial<Session["settings"]>): Promise<void> {
  const settings = { ...session.settings, ...change };
  client.setQueryData<Session>(["session"], { ...session, settings });
  await write("/me/settings", settings, { method: "PUT" });
}
