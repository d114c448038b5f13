// A person's own settings: kept by the server, shown at once.

import { write } from "../api/client";
import type { Session, Settings } from "../api/draft";
import { client } from "../api/queries";

/** What is named is put, what is not stays. */
export async function saveSettings(session: Session, change: Partial<Settings>): Promise<void> {
  client.setQueryData<Session>(["session"], { ...session, settings: { ...session.settings, ...change } });
  await write("/me/settings", change, { method: "PUT" });
}
