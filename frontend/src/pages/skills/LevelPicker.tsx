import type { Skill } from "../../api/client";

const LEVELS = ["New to it", "Practising", "Steady", "Fluent", "Could teach it"] as const;

interface LevelPickerProps {
  skill: Skill;
  level: number;
  onPick: (level: number) => void;
}

/** Five stops as native radio buttons: arrow keys, labels and groups come with them. */
export function LevelPicker({ skill, level, onPick }: LevelPickerProps) {
  return (
    <fieldset className="levels">
      <legend className="visually-hidden">Your level in {skill.name}</legend>
      <div className="levels-track" style={{ "--level": level }}>
        {LEVELS.map((name, index) => (
          <label key={name} className="level" data-reached={index < level}>
            <input
              type="radio"
              name={`level-${skill.id}`}
              checked={level === index + 1}
              onChange={() => onPick(index + 1)}
            />
            <span className="visually-hidden">
              {index + 1}: {name}
            </span>
          </label>
        ))}
      </div>
      <p className="levels-name" aria-hidden="true">
        {LEVELS[level - 1]}
      </p>
    </fieldset>
  );
}
