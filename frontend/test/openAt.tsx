import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { App } from "../src/App";

/** Opens the whole application at a path, as a browser would. */
export function openAt(path: string) {
  window.history.replaceState(null, "", path);
  render(<App />);
  return userEvent.setup();
}
