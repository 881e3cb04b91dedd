import { act, screen, waitFor } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { healthy, migrating, quietService } from "./fixtures";
import { stubNetwork } from "./network";
import { openAt } from "./openAt";

test("pending migrations show a maintenance notice and no other call is made", async () => {
  const network = stubNetwork({ ...quietService(), "GET /health": () => migrating });
  openAt("/products");

  expect(await screen.findByRole("heading", { name: "Works on the line" })).toBeVisible();
  expect(screen.getByText("20250615_companion")).toBeVisible();
  expect(new Set(network.calls.map(({ path }) => path))).toEqual(new Set(["/health"]));
});

test("the page comes by itself when the maintenance ends", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const network = stubNetwork({ ...quietService(), "GET /health": () => migrating });
  openAt("/companion");
  await screen.findByText("Works on the line");

  network.routes["GET /health"] = () => healthy;
  await act(() => vi.advanceTimersByTimeAsync(3_000));

  expect(await screen.findByText("No goal is under way.")).toBeVisible();
  expect(screen.queryByText("Works on the line")).not.toBeInTheDocument();
});

test("a service that cannot be reached shows the outage, and can be tried again at once", async () => {
  const network = stubNetwork({});
  const user = openAt("/companion");
  const again = await screen.findByRole("button", { name: "Try again now" });

  Object.assign(network.routes, quietService());
  await user.click(again);

  expect(await screen.findByText("No goal is under way.")).toBeVisible();
  expect(screen.getByTestId("announcer")).toHaveTextContent("Wingman is running again.");
});

test("what was typed survives an outage", async () => {
  const network = stubNetwork(quietService());
  const user = openAt("/chat");
  const box = await screen.findByLabelText("Your message");
  await user.type(box, "Half a thought");

  network.routes["GET /health"] = () => Response.json({ status: "unavailable" }, { status: 503 });
  await user.keyboard("{Enter}");
  await screen.findByText("Held at a red signal");
  expect(box).not.toBeVisible();

  network.routes["GET /health"] = () => healthy;
  await user.click(screen.getByRole("button", { name: "Try again now" }));
  await waitFor(() => expect(box).toBeVisible());
  expect(box).toHaveValue("Half a thought");
});
