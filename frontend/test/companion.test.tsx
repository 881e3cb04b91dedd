import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { earned, goal, quietService, template } from "./fixtures";
import { apiError, stubNetwork } from "./network";
import { openAt } from "./openAt";

const oneGoal = () => ({ ...quietService(), "GET /users/1/goals": () => ({ items: [goal] }) });
const oneTemplate = () => ({ ...quietService(), "GET /goal-templates": () => ({ items: [template] }) });

test("a page that waits says so", async () => {
  stubNetwork({ ...quietService(), "GET /users/1/goals": () => new Promise(() => undefined) });
  openAt("/companion");

  expect(await screen.findByText("Your goals: loading…")).toBeInTheDocument();
});

test("a failed list can be tried again and leaves the rest of the page alone", async () => {
  const network = stubNetwork({
    ...quietService(),
    "GET /users/1/goals": () => apiError(500, "internal", "Something broke."),
  });
  const user = openAt("/companion");
  const alert = await screen.findByRole("alert");
  expect(alert).toHaveTextContent("Your goals could not be loaded. Something broke.");
  expect(await screen.findByText("No badges can be earned yet.")).toBeVisible();

  network.routes["GET /users/1/goals"] = () => ({ items: [goal] });
  await user.click(within(alert).getByRole("button", { name: "Try again" }));

  expect(await screen.findByRole("progressbar", { name: "Bake five loaves: progress" })).toBeVisible();
});

test("one step on is saved, shown and spoken, and the button keeps the focus", async () => {
  const network = stubNetwork({
    ...oneGoal(),
    "PATCH /users/1/goals/40": () => {
      network.routes["GET /users/1/goals"] = () => ({ items: [{ ...goal, progress: 5 }] });
      return { ...goal, progress: 5 };
    },
  });
  const user = openAt("/companion");
  const plus = await screen.findByRole("button", { name: "One step on: Bake five loaves" });
  await user.click(plus);

  await waitFor(() => expect(screen.getByRole("progressbar")).toHaveAttribute("aria-valuetext", "5 of 5 loaves"));
  expect(network.made("PATCH")[0]?.body).toEqual({ progress: 5 });
  expect(screen.getByTestId("announcer")).toHaveTextContent("Bake five loaves: 5 of 5 loaves.");
  expect(plus).toHaveFocus();
  expect(plus).toHaveAttribute("aria-disabled", "true");
});

test("steps that are quicker than the network all count, and are sent in order", async () => {
  let saved = 0;
  let letThrough = () => {};
  const answered = new Promise<void>((resolve) => (letThrough = resolve));
  const network = stubNetwork({
    ...quietService(),
    "GET /users/1/goals": () => ({ items: [{ ...goal, progress: saved }] }),
    "PATCH /users/1/goals/40": async ({ body }) => {
      await answered;
      saved = (body as { progress: number }).progress;
      return { ...goal, progress: saved };
    },
  });
  const user = openAt("/companion");
  const plus = await screen.findByRole("button", { name: "One step on: Bake five loaves" });
  for (const expected of ["1", "2", "3"]) {
    await user.click(plus);
    await waitFor(() => expect(screen.getByRole("progressbar")).toHaveAttribute("aria-valuenow", expected));
  }
  expect(network.made("PATCH")).toHaveLength(1);
  letThrough();

  await waitFor(() => expect(saved).toBe(3));
  expect(network.made("PATCH").map(({ body }) => body)).toEqual([1, 2, 3].map((progress) => ({ progress })));
});

test("a step that the API refuses is taken back, and says why", async () => {
  stubNetwork({ ...oneGoal(), "PATCH /users/1/goals/40": () => apiError(409, "conflict", "The goal is not active.") });
  const user = openAt("/companion");
  await user.click(await screen.findByRole("button", { name: "One step on: Bake five loaves" }));

  expect(await screen.findByRole("alert")).toHaveTextContent("The goal is not active.");
  await waitFor(() => expect(screen.getByRole("progressbar")).toHaveAttribute("aria-valuenow", "4"));
});

test("a number that the API refuses stays in the field, with the reason beside it", async () => {
  stubNetwork({
    ...oneGoal(),
    "PATCH /users/1/goals/40": () => apiError(400, "invalid-field", "progress must be 0 to 5.", "progress"),
  });
  const user = openAt("/companion");
  const field = await screen.findByRole("spinbutton", { name: "Progress of Bake five loaves" });
  await user.clear(field);
  await user.type(field, "9{Enter}");

  await waitFor(() => expect(field).toHaveAccessibleDescription("progress must be 0 to 5."));
  expect(field).toBeInvalid();
  expect(field).toHaveValue(9);
});

test("completing a goal celebrates its badge, then leads on to the badges", async () => {
  const network = stubNetwork({
    ...oneGoal(),
    "POST /users/1/goals/40/complete": () => ({ goal: { ...goal, progress: 5, status: "completed" }, badge: earned }),
  });
  const user = openAt("/companion");
  await user.click(await screen.findByRole("button", { name: "Complete Bake five loaves" }));

  const dialog = await screen.findByRole("dialog", { name: "Good Crust" });
  network.routes["GET /users/1/badges"] = () => ({ items: [earned] });
  await user.click(within(dialog).getByRole("button", { name: "Wonderful" }));

  expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
  expect(screen.getByRole("heading", { name: "Badges" })).toHaveFocus();
});

test("a goal starts with the target that was asked for", async () => {
  const network = stubNetwork({ ...oneTemplate(), "POST /users/1/goals": () => goal });
  const user = openAt("/companion");
  const target = await screen.findByRole("spinbutton", { name: "Target of Bake five loaves" });
  await user.clear(target);
  await user.type(target, "8");
  network.routes["GET /users/1/goals"] = () => ({ items: [goal] });
  await user.click(screen.getByRole("button", { name: "Start Bake five loaves" }));

  expect(await screen.findByRole("progressbar")).toBeVisible();
  expect(network.made("POST")[0]?.body).toEqual({ template_id: 7, target: 8 });
  expect(screen.getByText("You are riding every line there is.")).toBeVisible();
});

test("a conflict concerns the form as a whole, not a field", async () => {
  stubNetwork({
    ...oneTemplate(),
    "POST /users/1/goals": () => apiError(409, "conflict", "That goal is active already."),
  });
  const user = openAt("/companion");
  await user.click(await screen.findByRole("button", { name: "Start Bake five loaves" }));

  expect(await screen.findByRole("alert")).toHaveTextContent("That goal is active already.");
  expect(screen.getByRole("spinbutton", { name: "Target of Bake five loaves" })).toBeValid();
});

test("a goal that cannot start says why, at its own field", async () => {
  stubNetwork({
    ...oneTemplate(),
    "POST /users/1/goals": () => apiError(400, "invalid-field", "target must be at least 1.", "target"),
  });
  const user = openAt("/companion");
  const target = await screen.findByRole("spinbutton", { name: "Target of Bake five loaves" });
  await user.clear(target);
  await user.type(target, "0{Enter}");

  await waitFor(() => expect(target).toHaveAccessibleDescription("target must be at least 1."));
});
