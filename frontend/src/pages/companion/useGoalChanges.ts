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

export function useSetProgress(user: User, goal: Goal) {
  const client = useQueryClient();
  const announce = useAnnounce();
  return useMutation({
    mutationFn: (progress: number) => api.setProgress(user.id, goal.id, progress),
    onSuccess: (changed) => {
      client.setQueryData(goalsQuery(user.id).queryKey, (goals) =>
        goals?.map((one) => (one.id === changed.id ? changed : one)),
      );
      announce(`${changed.template.name}: ${changed.progress} of ${changed.target} ${changed.template.unit}.`);
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
      announce(badge ? `${goal.template.name} completed. Badge earned: ${badge.badge.name}.` : `${goal.template.name} completed.`);
      if (badge) onEarned(badge);
      void client.invalidateQueries(badgesQuery);
      void client.invalidateQueries(userBadgesQuery(user.id));
      return refresh();
    },
  });
}
