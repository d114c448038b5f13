// The bundle: index.html and hashed files under static/, which the server embeds: a
// device has its page at /assets/ID.
// Nothing is inlined: the pages run under a content security policy that allows
// neither inline script nor inline style (docs: DESIGN.md, sign-in).
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const server = process.env["EXPOSOME_API"] ?? "http://127.0.0.1:8471";

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2022",
    assetsDir: "static",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 420,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // What every page needs comes in one piece, not in twenty.
            { name: "parts", test: /src\/parts\/(?!card|charts|Step|Dialog|dialog|Panel|panel|table\/ColumnMenu)/ },
            { name: "explain", test: /src\/parts\/(card|charts|Panel|panel)/ },
          ],
        },
      },
    },
  },
  server: {
    host: "127.0.0.1",
    proxy: { "/api": { target: server, secure: false } },
  },
});
