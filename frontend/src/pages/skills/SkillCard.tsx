import { useRef } from "react";
import type { Skill, User } from "../../api/client";
import { FormError } from "../../ui/FormError";
import { LevelPicker } from "./LevelPicker";
import { useRemoveSkill, useSetSkill } from "./useSkillChanges";

interface SkillCardProps {
  user: User;
  skill: Skill;
  /** Null while the user does not have the skill. */
  level: number | null;
}

/** One stop of a line: what the skill is, who has it, and the user's own level. */
export function SkillCard({ user, skill, level }: SkillCardProps) {
  const card = useRef<HTMLElement>(null);
  const set = useSetSkill(user, skill);
  const remove = useRemoveSkill(user, skill);
  const error = set.error ?? remove.error;
  const isPending = set.isPending || remove.isPending;
  // The pressed button makes room for other controls: the card keeps the reader's place.
  const leaveButton = () => card.current?.focus();
  const add = () => {
    leaveButton();
    set.mutate(1);
  };
  const takeAway = () => {
    leaveButton();
    remove.mutate();
  };
  return (
    <article
      ref={card}
      className="card skill"
      tabIndex={-1}
      aria-labelledby={`skill-${skill.id}`}
      data-held={level !== null}
    >
      <h3 id={`skill-${skill.id}`}>{skill.name}</h3>
      <p className="muted">{skill.description}</p>
      <p className="skill-holders">{holders(skill.holders)}</p>
      <div className="skill-actions">
        {level === null ? (
          <button type="button" className="button" disabled={isPending} onClick={add}>
            Add<span className="visually-hidden"> {skill.name}</span>
          </button>
        ) : (
          <>
            <LevelPicker skill={skill} level={level} onPick={(picked) => set.mutate(picked)} />
            <button type="button" className="button button-quiet" disabled={isPending} onClick={takeAway}>
              Remove<span className="visually-hidden"> {skill.name}</span>
            </button>
          </>
        )}
      </div>
      <FormError message={error?.message} />
    </article>
  );
}

function holders(count: number): string {
  if (count === 0) return "Nobody has it yet";
  return count === 1 ? "1 person has it" : `${count} people have it`;
}
