import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { quietService } from "./fixtures";
import { apiError, stubNetwork } from "./network";
import { openAt } from "./openAt";

test("a navigation moves the focus to the new page's heading and names the document", async () => {
  stubNetwork(quietService());
  const user = openAt("/chat");
  await screen.findByText("It is quiet here.");
  await user.click(screen.getByRole("link", { name: "Products" }));

  expect(screen.getByRole("heading", { level: 1, name: "Products" })).toHaveFocus();
  expect(document.title).toBe("Products · Wingman");
  expect(screen.getByRole("link", { name: "Products" })).toHaveAttribute("aria-current", "page");
});

test("an address that leads nowhere offers the way back", async () => {
  stubNetwork(quietService());
  openAt("/nowhere");

  expect(await screen.findByRole("heading", { name: "No such platform" })).toBeVisible();
  expect(screen.getByRole("link", { name: "Back to your goals" })).toHaveAttribute("href", "/companion");
});

test("a product that does not exist is explained", async () => {
  stubNetwork({ ...quietService(), "GET /products/99": () => apiError(404, "not-found", "There is no product 99.") });
  openAt("/products/99");

  expect(await screen.findByRole("alert")).toHaveTextContent("There is no product 99.");
});
