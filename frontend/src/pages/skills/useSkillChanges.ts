import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, type HeldSkill, type Skill, type User } from "../../api/client";
import { heldSkillsQuery, skillsQuery } from "../../api/queries";
import { useAnnounce } from "../../shell/Announcer";

/** Changes what the user holds at once in the cache, then asks the server for the truth. */
function useHeldSkills(user: User) {
  const client = useQueryClient();
  const { queryKey } = heldSkillsQuery(user.id);
  return {
    write: async (change: (held: HeldSkill[]) => HeldSkill[]) => {
      await client.cancelQueries({ queryKey });
      client.setQueryData(queryKey, (held) => held && change(held));
    },
    refresh: () => Promise.all([client.invalidateQueries({ queryKey }), client.invalidateQueries(skillsQuery)]),
  };
}

export function useSetSkill(user: User, skill: Skill) {
  const { write, refresh } = useHeldSkills(user);
  const announce = useAnnounce();
  return useMutation({
    mutationFn: (level: number) => api.setSkill(user.id, skill.id, level),
    onMutate: (level) => write((held) => [...held.filter(({ id }) => id !== skill.id), { ...skill, level }]),
    onSuccess: ({ level }) => announce(`${skill.name}: yours, level ${level} of 5.`),
    onSettled: refresh,
  });
}

export function useRemoveSkill(user: User, skill: Skill) {
  const { write, refresh } = useHeldSkills(user);
  const announce = useAnnounce();
  return useMutation({
    mutationFn: () => api.removeSkill(user.id, skill.id),
    onMutate: () => write((held) => held.filter(({ id }) => id !== skill.id)),
    onSuccess: () => announce(`${skill.name} removed from your skills.`),
    onSettled: refresh,
  });
}
