import { useState, type FormEvent, type ReactNode } from "react";
import type { Goal, User } from "../../api/client";
import { fieldError } from "../../ui/fieldError";
import { FormError } from "../../ui/FormError";
import { MinusIcon, PlusIcon } from "../../ui/icons";
import { NumberField } from "../../ui/NumberField";
import { useSetProgress } from "./useGoalChanges";

/** One step back, one step on, or any number typed and saved. */
export function ProgressForm({ user, goal }: { user: User; goal: Goal }) {
  /** Null while nobody is typing: the field then follows the goal. */
  const [typed, setTyped] = useState<string | null>(null);
  const change = useSetProgress(user, goal);
  const { atField, atForm } = fieldError(change.error, "progress");

  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(Number(typed), { onSuccess: () => setTyped(null) });
  };
  const step = (by: number, verb: string, icon: ReactNode, isAtEnd: boolean) => (
    <button
      type="button"
      className="button button-round"
      aria-label={`${verb}: ${goal.template.name}`}
      aria-disabled={isAtEnd}
      onClick={() => {
        if (isAtEnd) return;
        setTyped(null);
        change.mutate(goal.progress + by);
      }}
    >
      {icon}
    </button>
  );
  return (
    <form className="progress-form" onSubmit={submit} noValidate>
      <NumberField
        label={<span className="visually-hidden">Progress of {goal.template.name}</span>}
        value={typed ?? String(goal.progress)}
        onChange={setTyped}
        min={0}
        max={goal.target}
        error={atField}
        suffix={`of ${goal.target} ${goal.template.unit}`}
        before={step(-1, "One step back", <MinusIcon />, goal.progress <= 0)}
        after={step(1, "One step on", <PlusIcon />, goal.progress >= goal.target)}
      />
      {typed !== null && typed !== String(goal.progress) && (
        <button type="submit" className="button" disabled={change.isPending}>
          Save
          <span className="visually-hidden"> progress of {goal.template.name}</span>
        </button>
      )}
      <FormError message={atForm} />
    </form>
  );
}
