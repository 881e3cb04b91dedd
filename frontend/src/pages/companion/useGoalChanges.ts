import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, type Goal, type GoalTemplate, type User, type UserBadge } from "../../api/client";
import { badgesQuery, goalsQuery, userBadgesQuery } from "../../api/queries";
import { useAnnounce } from "../../shell/Announcer";

/** The three things a person does with a goal. Each refreshes what it changed and is spoken aloud. */
function useRefreshGoals(user: User) {
  const client = useQueryClient();
  return () => client.invalidateQueries(goalsQuery(user.id));
}

export function useStartGoal(user: User, template: GoalTemplate) {
  const refresh = useRefreshGoals(user);
  const announce = useAnnounce();
  return useMutation({
    mutationFn: (target: number) => api.startGoal(user.id, template.id, target),
    onSuccess: (goal) => {
      announce(`Started: ${goal.template.name}, ${goal.target} ${goal.template.unit} to go.`);
      return refresh();
    },
  });
}

/** Shows a step at once. Quick steps are sent one after the other, and only the last one asks for the truth. */
export function useSetProgress(user: User, goal: Goal) {
  const client = useQueryClient();
  const announce = useAnnounce();
  const { queryKey } = goalsQuery(user.id);
  const mutationKey = ["progress", goal.id];
  return useMutation({
    mutationKey,
    scope: { id: mutationKey.join() },
    mutationFn: (progress: number) => api.setProgress(user.id, goal.id, progress),
    onMutate: async (progress) => {
      if (!(progress >= 0 && progress <= goal.target)) return;
      await client.cancelQueries({ queryKey });
      client.setQueryData(queryKey, (goals) => goals?.map((one) => (one.id === goal.id ? { ...one, progress } : one)));
    },
    onSuccess: ({ template, progress, target }) =>
      announce(`${template.name}: ${progress} of ${target} ${template.unit}.`),
    onSettled: async () => {
      if (client.isMutating({ mutationKey }) === 1) await client.invalidateQueries({ queryKey });
    },
  });
}

export function useCompleteGoal(user: User, goal: Goal, onEarned: (badge: UserBadge) => void) {
  const client = useQueryClient();
  const refresh = useRefreshGoals(user);
  const announce = useAnnounce();
  return useMutation({
    mutationFn: () => api.completeGoal(user.id, goal.id),
    onSuccess: ({ badge }) => {
      announce(
        badge
          ? `${goal.template.name} completed. Badge earned: ${badge.badge.name}.`
          : `${goal.template.name} completed.`,
      );
      if (badge) onEarned(badge);
      void client.invalidateQueries(badgesQuery);
      void client.invalidateQueries(userBadgesQuery(user.id));
      return refresh();
    },
  });
}
