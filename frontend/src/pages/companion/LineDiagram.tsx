/** Above this many stops the dots would touch: the line then shows only its quarters. */
const MOST_STOPS = 15;

interface LineDiagramProps {
  name: string;
  progress: number;
  target: number;
  unit: string;
}

/** Progress drawn as a railway line: every stop passed is filled, the train stands at the current one. */
export function LineDiagram({ name, progress, target, unit }: LineDiagramProps) {
  const share = Math.min(1, progress / target);
  return (
    <div
      className="line"
      role="progressbar"
      aria-label={`${name}: progress`}
      aria-valuemin={0}
      aria-valuemax={target}
      aria-valuenow={progress}
      aria-valuetext={`${progress} of ${target} ${unit}`}
      style={{ "--share": share }}
    >
      <span className="line-ridden" />
      {stops(target).map((stop) => (
        <span
          key={stop}
          className="line-stop"
          data-passed={stop <= progress}
          data-terminus={stop === target}
          style={{ "--at": stop / target }}
        />
      ))}
      <span className="line-train" />
    </div>
  );
}

function stops(target: number): number[] {
  if (target <= MOST_STOPS) return Array.from({ length: target + 1 }, (_, stop) => stop);
  return [0, 0.25, 0.5, 0.75, 1].map((share) => share * target);
}
