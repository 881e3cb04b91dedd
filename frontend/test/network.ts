/** A stand-in for the network itself: everything above `fetch` is the real application. */

import { vi } from "vitest";

interface Call {
  method: string;
  path: string;
  body: unknown;
}

/** What a route answers: a JSON body with status 200, or a Response of one's own. */
export type Answer = (call: Call) => unknown;
export type Routes = Record<string, Answer>;

/** Answers calls by "METHOD /path" (the query belongs to the path). Returns the calls made and the live routes. */
export function stubNetwork(routes: Routes) {
  const calls: Call[] = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    const call: Call = {
      method: init.method ?? "GET",
      path: url.replace(/^\/api/, ""),
      body: typeof init.body === "string" ? JSON.parse(init.body) : undefined,
    };
    calls.push(call);
    const answer = routes[`${call.method} ${call.path}`];
    if (answer === undefined) throw new TypeError(`No route for ${call.method} ${call.path}`);
    const result = await answer(call);
    return result instanceof Response ? result : Response.json(result);
  });
  const made = (method: string) => calls.filter((call) => call.method === method);
  return { calls, made, routes };
}

/** The API's own kind of error. */
export function apiError(status: number, code: string, message: string, field: string | null = null): Response {
  return Response.json({ error: { code, message, field } }, { status });
}
