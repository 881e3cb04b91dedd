import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import type { Goal, GoalTemplate, User } from "../../api/client";
import { templatesQuery } from "../../api/queries";
import { fieldError } from "../../ui/fieldError";
import { FormError } from "../../ui/FormError";
import { Loaded } from "../../ui/Loaded";
import { NumberField } from "../../ui/NumberField";
import { EmptyState } from "../../ui/States";
import { BadgePin } from "./BadgePin";
import { useStartGoal } from "./useGoalChanges";

/** The goals that could be started: every template that has no active goal yet. */
export function StartGoals({ user, active }: { user: User; active: Goal[] }) {
  const templates = useQuery(templatesQuery);
  return (
    <Loaded query={templates} what="The departures">
      {(all) => {
        const free = all.filter(({ id }) => !active.some(({ template }) => template.id === id));
        if (all.length === 0) return <EmptyState title="No goals are on offer yet." />;
        if (free.length === 0) return <EmptyState title="You are riding every line there is." />;
        return (
          <ul className="departures">
            {free.map((template) => (
              <li key={template.id}>
                <Departure user={user} template={template} />
              </li>
            ))}
          </ul>
        );
      }}
    </Loaded>
  );
}

function Departure({ user, template }: { user: User; template: GoalTemplate }) {
  const [target, setTarget] = useState(String(template.target));
  const start = useStartGoal(user, template);
  const { atField, atForm } = fieldError(start.error, "target");

  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate(Number(target));
  };
  return (
    <form className="departure" onSubmit={submit} noValidate aria-label={template.name}>
      <BadgePin badge={template.badge} isEarned={false} />
      <div className="departure-text">
        <h3>{template.name}</h3>
        <p className="muted">{template.description}</p>
      </div>
      <NumberField
        label={<span className="visually-hidden">Target of {template.name}</span>}
        value={target}
        onChange={setTarget}
        min={1}
        error={atField}
        suffix={template.unit}
      />
      <button type="submit" className="button button-primary" disabled={start.isPending}>
        {start.isPending ? "Starting…" : "Start"}
        <span className="visually-hidden"> {template.name}</span>
      </button>
      <FormError message={atForm} />
    </form>
  );
}
