import { expect, test } from "vitest";
import { ApiError, api, fetchHealth } from "../src/api/client";
import { apiError, stubNetwork } from "./network";

test("the API's own error keeps its status, code and field", async () => {
  stubNetwork({ "GET /users": () => apiError(400, "invalid-field", "limit must be 1 to 100.", "limit") });

  await expect(api.users()).rejects.toMatchObject({
    status: 400,
    code: "invalid-field",
    field: "limit",
    isOutage: false,
  });
});

test.each([
  ["a proxy's error page", () => new Response("<h1>Bad gateway</h1>", { status: 502 })],
  ["a page in place of JSON", () => new Response("<h1>Hello</h1>", { status: 200 })],
  ["a network that is down", () => Promise.reject(new TypeError("Failed to fetch"))],
])("%s counts as an outage", async (_, answer) => {
  stubNetwork({ "GET /users": answer });
  const error = await api.users().catch((reason: unknown) => reason);

  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ code: "unreachable", isOutage: true });
});

test("health is an answer even when there is none", async () => {
  stubNetwork({});

  expect(await fetchHealth()).toEqual({ status: "unavailable", schema: null });
});
