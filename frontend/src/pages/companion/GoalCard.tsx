import type { Goal, User, UserBadge } from "../../api/client";
import { FormError } from "../../ui/FormError";
import { BadgePin } from "./BadgePin";
import { LineDiagram } from "./LineDiagram";
import { ProgressForm } from "./ProgressForm";
import { useCompleteGoal } from "./useGoalChanges";

interface GoalCardProps {
  user: User;
  goal: Goal;
  onEarned: (badge: UserBadge) => void;
}

/** A goal under way: how far it is, the controls to move it on, and the badge that waits at the end. */
export function GoalCard({ user, goal, onEarned }: GoalCardProps) {
  const complete = useCompleteGoal(user, goal, onEarned);
  const { template } = goal;
  const isAtTerminus = goal.progress >= goal.target;
  return (
    <article className="card goal" aria-labelledby={`goal-${goal.id}`}>
      <header className="goal-header">
        <div>
          <h3 id={`goal-${goal.id}`}>{template.name}</h3>
          <p className="muted">{template.description}</p>
        </div>
        <BadgePin badge={template.badge} isEarned={isAtTerminus} />
      </header>
      <LineDiagram name={template.name} progress={goal.progress} target={goal.target} unit={template.unit} />
      <ProgressForm user={user} goal={goal} />
      <footer className="goal-footer">
        <p className="muted">
          Terminus: <strong>{template.badge.name}</strong>
        </p>
        <button
          type="button"
          className={isAtTerminus ? "button button-primary" : "button"}
          disabled={complete.isPending}
          onClick={() => complete.mutate()}
        >
          {complete.isPending ? "Completing…" : "Complete"}
          <span className="visually-hidden"> {template.name}</span>
        </button>
      </footer>
      <FormError message={complete.error?.message} />
    </article>
  );
}
