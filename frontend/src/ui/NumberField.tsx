import { useId, type ReactNode } from "react";

interface NumberFieldProps {
  label: ReactNode;
  value: string;
  onChange: (value: string) => void;
  min: number;
  max?: number;
  error: string | null;
  /** What follows the number: "of 10 sessions". */
  suffix: string;
  before?: ReactNode;
  after?: ReactNode;
}

/** A labelled whole number with its unit, optional controls beside it, and its error below. */
export function NumberField({ label, value, onChange, min, max, error, suffix, before, after }: NumberFieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="field-row">
        {before}
        <input
          id={id}
          type="number"
          inputMode="numeric"
          min={min}
          max={max}
          step={1}
          required
          value={value}
          onChange={(event) => onChange(event.target.value)}
          aria-invalid={error !== null}
          aria-describedby={error ? `${id}-error` : `${id}-suffix`}
        />
        {after}
        <span id={`${id}-suffix`} className="field-suffix">
          {suffix}
        </span>
      </div>
      {error && (
        <p id={`${id}-error`} className="field-error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
