/** The winged wheel, the old emblem of railways: a companion's wings on a wheel that keeps to its rails. */
export function Logo() {
  return (
    <svg className="logo" viewBox="0 0 64 32" aria-hidden="true" focusable="false">
      <g fill="currentColor">
        <path d="M20 15C15 7 9 4 1 3c1 3 3 5 6 6-2 0-3 0-4-.3 1 3 4 5 7 5.6-1 .3-2 .3-3 .1 2 3 7 4 13 3.6z" />
        <path d="M44 15c5-8 11-11 19-12-1 3-3 5-6 6 2 0 3 0 4-.3-1 3-4 5-7 5.6 1 .3 2 .3 3 .1-2 3-7 4-13 3.6z" />
      </g>
      <circle cx="32" cy="16" r="10" fill="none" stroke="var(--amber)" strokeWidth="3.5" />
      <path
        d="M32 8v16M24 16h16M26.3 10.3l11.4 11.4M37.7 10.3 26.3 21.7"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinecap="round"
      />
      <circle cx="32" cy="16" r="3" fill="var(--amber)" />
    </svg>
  );
}
