import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { quietService, skill } from "./fixtures";
import { apiError, stubNetwork, type Routes } from "./network";
import { openAt } from "./openAt";

const catalogue = (level: number | null): Routes => ({
  ...quietService(),
  "GET /skills": () => ({ items: [skill] }),
  "GET /users/1/skills": () => ({ items: level === null ? [] : [{ ...skill, level }] }),
});

test("adding a skill asks for level 1 and offers the levels", async () => {
  const network = stubNetwork({
    ...catalogue(null),
    "PUT /users/1/skills/5": () => {
      Object.assign(network.routes, catalogue(1));
      return { ...skill, level: 1 };
    },
  });
  const user = openAt("/skills");
  await user.click(await screen.findByRole("button", { name: "Add Sketching" }));

  expect(await screen.findByRole("radio", { name: "1: New to it" })).toBeChecked();
  expect(network.made("PUT")[0]?.body).toEqual({ level: 1 });
  await waitFor(() => expect(screen.getByRole("article", { name: "Sketching" })).toHaveFocus());
});

test("a level is chosen as a radio button", async () => {
  const network = stubNetwork({ ...catalogue(2), "PUT /users/1/skills/5": () => ({ ...skill, level: 4 }) });
  const user = openAt("/skills");
  const group = await screen.findByRole("group", { name: "Your level in Sketching" });
  expect(group).toBeVisible();
  await user.click(screen.getByRole("radio", { name: "4: Fluent" }));

  await waitFor(() => expect(network.made("PUT")[0]?.body).toEqual({ level: 4 }));
});

test("a removal that fails puts the skill back and says why", async () => {
  stubNetwork({ ...catalogue(2), "DELETE /users/1/skills/5": () => apiError(500, "internal", "Something broke.") });
  const user = openAt("/skills");
  await user.click(await screen.findByRole("button", { name: "Remove Sketching" }));

  expect(await screen.findByRole("alert")).toHaveTextContent("Something broke.");
  expect(await screen.findByRole("button", { name: "Remove Sketching" })).toBeVisible();
});
