// Where the pages start.

import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";
import { askSession, client } from "./api/queries";
import { Pages } from "./app/Pages";
import { listenToHistory } from "./app/place";
import { look, startLook } from "./app/theme";
import { listen } from "./parts/keys";
import "./theme/fonts.css";
import "./theme/tokens.css";
import "./theme/base.css";

startLook();
listen();
listenToHistory();
if (!/^\/(sign-in|set-up)/.test(window.location.pathname)) askSession();

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
// Variables come from our own style sheet: Mantine writes no style element, and
// the content security policy needs no exception.
createRoot(root).render(
  <MantineProvider
    withCssVariables={false}
    withGlobalClasses={false}
    colorSchemeManager={{ get: () => look(), set: () => undefined, subscribe: () => undefined, unsubscribe: () => undefined, clear: () => undefined }}
    defaultColorScheme="auto"
  >
    <QueryClientProvider client={client}>
      <Pages />
    </QueryClientProvider>
  </MantineProvider>,
);
