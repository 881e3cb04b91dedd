import type { ReactNode } from "react";

/** Why a part of a page could not be loaded, and the way to try again. */
export function ErrorState({ what, error, onRetry }: { what: string; error: Error; onRetry: () => void }) {
  return (
    <div className="state state-error" role="alert">
      <p>
        <strong>{what} could not be loaded.</strong> {error.message}
      </p>
      <button type="button" className="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}

/** What to do when a list holds nothing yet. */
export function EmptyState({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="state">
      <p>
        <strong>{title}</strong> {children}
      </p>
    </div>
  );
}
