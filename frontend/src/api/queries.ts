/** How long answers stay fresh, and which answers a change makes stale. */

import { QueryCache, MutationCache, QueryClient, queryOptions, useQuery } from "@tanstack/react-query";
import { ApiError, api, fetchHealth } from "./client";

const HEALTHY_INTERVAL_MS = 30_000;
const AILING_INTERVAL_MS = 3_000;

export const healthQuery = queryOptions({
  queryKey: ["health"],
  queryFn: fetchHealth,
  staleTime: 0,
  refetchInterval: ({ state }) => (state.data?.status === "ok" ? HEALTHY_INTERVAL_MS : AILING_INTERVAL_MS),
});

export const usersQuery = queryOptions({ queryKey: ["users"], queryFn: api.users, staleTime: 300_000 });
export const templatesQuery = queryOptions({ queryKey: ["goal-templates"], queryFn: api.goalTemplates });
export const badgesQuery = queryOptions({ queryKey: ["badges"], queryFn: api.badges });
export const skillsQuery = queryOptions({ queryKey: ["skills"], queryFn: api.skills });

export const goalsQuery = (userId: number) =>
  queryOptions({ queryKey: ["goals", userId], queryFn: () => api.goals(userId) });

export const userBadgesQuery = (userId: number) =>
  queryOptions({ queryKey: ["user-badges", userId], queryFn: () => api.userBadges(userId) });

export const heldSkillsQuery = (userId: number) =>
  queryOptions({ queryKey: ["held-skills", userId], queryFn: () => api.heldSkills(userId) });

export const productQuery = (id: number) => queryOptions({ queryKey: ["product", id], queryFn: () => api.product(id) });

/** Whether the whole of Wingman can be used right now; undefined until the first answer. */
export function useHealth() {
  return useQuery(healthQuery);
}

/** A client whose every failed call asks at once how the service as a whole is doing. */
export function createQueryClient(): QueryClient {
  const askHealth = (error: Error) => {
    if (error instanceof ApiError && error.isOutage) void client.invalidateQueries(healthQuery);
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError: askHealth }),
    mutationCache: new MutationCache({ onError: askHealth }),
    defaultOptions: {
      queries: { staleTime: 15_000, retry: false, networkMode: "always" },
      mutations: { networkMode: "always" },
    },
  });
  return client;
}
