import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { amelia, message, noor, quietService } from "./fixtures";
import { apiError, stubNetwork } from "./network";
import { openAt } from "./openAt";

const hello = message(2, noor, "Hello there");

test("an empty conversation invites the first message", async () => {
  stubNetwork(quietService());
  openAt("/chat");

  expect(await screen.findByText("It is quiet here.")).toBeVisible();
});

test("older messages come before the newer ones, until the beginning", async () => {
  stubNetwork({
    ...quietService(),
    "GET /chat/messages?limit=30": () => ({ items: [hello], next_before: 2 }),
    "GET /chat/messages?limit=30&before=2": () => ({ items: [message(1, amelia, "The first")], next_before: null }),
  });
  const user = openAt("/chat");
  await user.click(await screen.findByRole("button", { name: "Show older messages" }));

  expect(await screen.findByText("This is where the conversation began.")).toBeVisible();
  const [first, second] = [screen.getByText("The first"), screen.getByText("Hello there")];
  expect(first.compareDocumentPosition(second)).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
});

test("Enter sends the message as the current user and empties the box", async () => {
  const network = stubNetwork({ ...quietService(), "POST /chat/messages": () => message(3, amelia, "On my way") });
  const user = openAt("/chat");
  const box = await screen.findByLabelText("Your message");
  await user.type(box, "On my way");
  network.routes["GET /chat/messages?limit=30"] = () => ({
    items: [message(3, amelia, "On my way")],
    next_before: null,
  });
  await user.keyboard("{Enter}");

  expect(await screen.findByText("On my way")).toBeVisible();
  expect(network.made("POST")[0]?.body).toEqual({ user_id: 1, body: "On my way" });
  await waitFor(() => expect(box).toHaveValue(""));
});

test("a message that the API refuses stays in the box, with the reason below it", async () => {
  stubNetwork({
    ...quietService(),
    "POST /chat/messages": () => apiError(400, "invalid-field", "body must not be blank.", "body"),
  });
  const user = openAt("/chat");
  const box = await screen.findByLabelText("Your message");
  await user.type(box, "  {Enter}");

  await waitFor(() => expect(box).toHaveAccessibleDescription("body must not be blank."));
  expect(box).toHaveValue("  ");
});

test("switching the user changes whose messages are one's own, and is remembered", async () => {
  stubNetwork({ ...quietService(), "GET /chat/messages?limit=30": () => ({ items: [hello], next_before: null }) });
  const user = openAt("/chat");
  expect(await screen.findByText("Noor Haddad", { selector: "strong" })).toBeVisible();

  await user.selectOptions(screen.getByLabelText("Travelling as"), "Noor Haddad");

  expect(screen.getByText("You")).toBeVisible();
  expect(localStorage.getItem("wingman.user")).toBe("2");
});
