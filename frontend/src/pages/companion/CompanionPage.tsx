import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Goal, User, UserBadge } from "../../api/client";
import { goalsQuery, userBadgesQuery } from "../../api/queries";
import { PageHeading } from "../../shell/PageHeading";
import { RequireUser } from "../../shell/RequireUser";
import { Loaded } from "../../ui/Loaded";
import { EmptyState } from "../../ui/States";
import { BadgeCelebration } from "./BadgeCelebration";
import { BadgeShelf } from "./BadgeShelf";
import { GoalCard } from "./GoalCard";
import { PastGoals } from "./PastGoals";
import { StartGoals } from "./StartGoals";
import "./companion.css";

export function CompanionPage() {
  return <RequireUser>{(user) => <Companion key={user.id} user={user} />}</RequireUser>;
}

function Companion({ user }: { user: User }) {
  const goals = useQuery(goalsQuery(user.id));
  const [earned, setEarned] = useState<UserBadge | null>(null);
  return (
    <>
      <PageHeading title="Companion" lead={`Good to have you aboard, ${user.display_name}. One stop at a time.`}>
        <Tally user={user} goals={goals.data} />
      </PageHeading>

      <section aria-labelledby="active-goals">
        <h2 id="active-goals">Under way</h2>
        <Loaded query={goals} what="Your goals" skeletons={2}>
          {(all) => <ActiveGoals user={user} goals={withStatus(all, "active")} onEarned={setEarned} />}
        </Loaded>
      </section>

      <section aria-labelledby="new-goals">
        <h2 id="new-goals">Departures</h2>
        <p className="section-lead">Pick a line to ride next. You decide how far it goes.</p>
        <StartGoals user={user} active={withStatus(goals.data ?? [], "active")} />
      </section>

      <section aria-labelledby="badges">
        <h2 id="badges" tabIndex={-1}>
          Badges
        </h2>
        <BadgeShelf user={user} />
      </section>

      <PastGoals goals={goals.data ?? []} />
      <BadgeCelebration earned={earned} onClose={() => setEarned(null)} />
    </>
  );
}

function withStatus(goals: Goal[], status: Goal["status"]): Goal[] {
  return goals.filter((goal) => goal.status === status);
}

interface ActiveGoalsProps {
  user: User;
  goals: Goal[];
  onEarned: (badge: UserBadge) => void;
}

function ActiveGoals({ user, goals, onEarned }: ActiveGoalsProps) {
  if (goals.length === 0) {
    return <EmptyState title="No goal is under way.">Choose one from the departures below.</EmptyState>;
  }
  return (
    <ul className="card-grid goal-grid">
      {goals.map((goal) => (
        <li key={goal.id}>
          <GoalCard user={user} goal={goal} onEarned={onEarned} />
        </li>
      ))}
    </ul>
  );
}

function Tally({ user, goals }: { user: User; goals: Goal[] | undefined }) {
  const badges = useQuery(userBadgesQuery(user.id));
  const figures = [
    { label: "under way", value: goals && withStatus(goals, "active").length },
    { label: "arrived", value: goals && withStatus(goals, "completed").length },
    { label: "badges", value: badges.data?.length },
  ];
  return (
    <dl className="tally">
      {figures.map(({ label, value }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value ?? "–"}</dd>
        </div>
      ))}
    </dl>
  );
}
