import { useQuery } from "@tanstack/react-query";
import type { HeldSkill, Skill, SkillCategory, User } from "../../api/client";
import { heldSkillsQuery, skillsQuery } from "../../api/queries";
import { PageHeading } from "../../shell/PageHeading";
import { RequireUser } from "../../shell/RequireUser";
import { Loaded } from "../../ui/Loaded";
import { EmptyState } from "../../ui/States";
import { SkillCard } from "./SkillCard";
import "./skills.css";

const LINES: Record<SkillCategory, { name: string; lead: string }> = {
  mind: { name: "Mind", lead: "Attention, calm and memory" },
  body: { name: "Body", lead: "Strength, rest and movement" },
  craft: { name: "Craft", lead: "Things made well by hand and head" },
  social: { name: "Social", lead: "Listening, speaking, belonging" },
};

export function SkillsPage() {
  const skills = useQuery(skillsQuery);
  return (
    <>
      <PageHeading title="Skills" lead="Four lines to grow along. Board the skills you want and say how far you are." />
      <RequireUser>
        {(user) => (
          <Loaded query={skills} what="The skills" skeletons={6}>
            {(all) => <Catalogue key={user.id} user={user} skills={all} />}
          </Loaded>
        )}
      </RequireUser>
    </>
  );
}

function Catalogue({ user, skills }: { user: User; skills: Skill[] }) {
  const held = useQuery(heldSkillsQuery(user.id));
  if (skills.length === 0) return <EmptyState title="The catalogue is empty." />;
  return (
    <Loaded query={held} what="Your skills" skeletons={6}>
      {(mine) =>
        (Object.keys(LINES) as SkillCategory[]).map((category) => (
          <SkillLine
            key={category}
            user={user}
            category={category}
            skills={skills.filter((skill) => skill.category === category)}
            held={mine}
          />
        ))
      }
    </Loaded>
  );
}

interface SkillLineProps {
  user: User;
  category: SkillCategory;
  skills: Skill[];
  held: HeldSkill[];
}

function SkillLine({ user, category, skills, held }: SkillLineProps) {
  if (skills.length === 0) return null;
  const levels = new Map(held.map(({ id, level }) => [id, level]));
  const boarded = skills.filter(({ id }) => levels.has(id)).length;
  return (
    <section className="skill-line" data-category={category} aria-labelledby={`line-${category}`}>
      <header className="skill-line-header">
        <span className="roundel" aria-hidden="true">
          {LINES[category].name.charAt(0)}
        </span>
        <div>
          <h2 id={`line-${category}`}>{LINES[category].name}</h2>
          <p className="muted">{LINES[category].lead}</p>
        </div>
        <p className="skill-count">
          {boarded} of {skills.length} yours
        </p>
      </header>
      <ul className="card-grid">
        {skills.map((skill) => (
          <li key={skill.id}>
            <SkillCard user={user} skill={skill} level={levels.get(skill.id) ?? null} />
          </li>
        ))}
      </ul>
    </section>
  );
}
