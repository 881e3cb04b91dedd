export type SignalAspect = "works" | "stopped";

const ARM_ANGLE: Record<SignalAspect, number> = { works: 28, stopped: 0 };
const ARM_COLOUR: Record<SignalAspect, string> = { works: "var(--amber)", stopped: "var(--signal)" };

/** A semaphore signal: its arm is level at danger and inclined at caution. */
export function SignalArt({ aspect }: { aspect: SignalAspect }) {
  return (
    <svg className="signal-art" viewBox="0 0 160 180" aria-hidden="true" focusable="false">
      <path d="M16 170h128" stroke="var(--track)" strokeWidth="4" strokeLinecap="round" />
      <path d="M102 30v140M90 170h24" stroke="var(--ink-soft)" strokeWidth="7" strokeLinecap="round" />
      <path d="M102 12l-6 16h12z" fill="var(--ink-soft)" />
      <g transform={`rotate(${-ARM_ANGLE[aspect]} 102 52)`}>
        <rect x="22" y="42" width="88" height="20" rx="3" fill={ARM_COLOUR[aspect]} />
        <path d="M36 42v20" stroke="var(--surface)" strokeWidth="7" />
      </g>
      <circle cx="102" cy="52" r="7" fill="var(--ink)" />
      <circle cx="122" cy="52" r="9" fill={ARM_COLOUR[aspect]} stroke="var(--ink-soft)" strokeWidth="3" />
    </svg>
  );
}
