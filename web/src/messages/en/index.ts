export { words } from "./words";
export { shell } from "./shell";
export * as pages from "./pages";
