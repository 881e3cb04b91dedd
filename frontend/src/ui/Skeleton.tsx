interface CardSkeletonsProps {
  /** What is being waited for, for those who cannot see the shimmer. */
  label: string;
  count?: number;
}

/** Grey cards in the place of what is still on its way. */
export function CardSkeletons({ label, count = 3 }: CardSkeletonsProps) {
  return (
    <div className="card-grid" role="status">
      <span className="visually-hidden">{label}…</span>
      {Array.from({ length: count }, (_, index) => (
        <div key={index} className="card skeleton" aria-hidden="true">
          <span className="skeleton-line skeleton-title" />
          <span className="skeleton-line" />
          <span className="skeleton-line skeleton-short" />
        </div>
      ))}
    </div>
  );
}
