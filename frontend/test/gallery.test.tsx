import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { Gallery } from "../src/pages/products/Gallery";

const images = ["Front", "Side", "Back"].map((alt_text, index) => ({
  id: index + 1,
  url: `/images/products/flask-${index + 1}.svg`,
  alt_text,
  position: index + 1,
}));

function openGallery() {
  render(<Gallery images={images} label="Pictures of the flask" />);
  return userEvent.setup();
}

const shown = () => screen.getByRole("img").getAttribute("alt");
const tab = (name: RegExp) => screen.getByRole("tab", { name });

test.each([
  ["{ArrowRight}", "Side"],
  ["{ArrowRight>3/}", "Front"],
  ["{ArrowLeft}", "Back"],
  ["{End}", "Back"],
  ["{End}{Home}", "Front"],
])("the keys %s lead to the picture %s", async (keys, expected) => {
  const user = openGallery();
  tab(/1 of 3/).focus();
  await user.keyboard(keys);

  expect(shown()).toBe(expected);
  expect(screen.getByRole("tab", { selected: true })).toHaveFocus();
});

test("the thumbnails are one stop in the tab order", async () => {
  const user = openGallery();
  tab(/2 of 3/).click();
  await user.tab();
  await user.tab();
  await user.tab();

  expect(tab(/2 of 3/)).toHaveFocus();
});

test("the buttons on the picture go round", async () => {
  const user = openGallery();
  await user.click(screen.getByRole("button", { name: "Previous picture" }));

  expect(shown()).toBe("Back");
});

test("a product without pictures says so", () => {
  render(<Gallery images={[]} label="Pictures of nothing" />);

  expect(screen.getByText("No picture yet")).toBeVisible();
});
