import type { Goal } from "../../api/client";
import { formatDay } from "../../ui/format";

/** Goals that ended, completed or abandoned, newest first. Nothing is shown when there are none. */
export function PastGoals({ goals }: { goals: Goal[] }) {
  const past = goals.filter(({ status }) => status !== "active");
  if (past.length === 0) return null;
  return (
    <section aria-labelledby="past-goals">
      <h2 id="past-goals">Earlier journeys</h2>
      <ul className="past">
        {past.map((goal) => (
          <li key={goal.id}>
            <span className="past-status" data-status={goal.status}>
              {goal.status === "completed" ? "Arrived" : "Abandoned"}
            </span>
            <strong>{goal.template.name}</strong>
            <span className="muted">
              {goal.progress} of {goal.target} {goal.template.unit}
              {goal.completed_at && ` · ${formatDay(goal.completed_at)}`}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
