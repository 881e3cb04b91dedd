/** Line icons, drawn on a 24 unit grid. All are decoration: the words beside them carry the meaning. */

import type { ReactNode } from "react";

function Icon({ children }: { children: ReactNode }) {
  return (
    <svg
      className="icon"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  );
}

export const GoalIcon = () => (
  <Icon>
    <circle cx="5" cy="18" r="2.5" />
    <circle cx="19" cy="6" r="2.5" />
    <path d="M7.5 18H14a3 3 0 0 0 3-3V8.5" />
  </Icon>
);

export const ChatIcon = () => (
  <Icon>
    <path d="M4 5h16v11H11l-5 4v-4H4z" />
    <path d="M8 9.5h8M8 12.5h5" />
  </Icon>
);

export const SkillIcon = () => (
  <Icon>
    <path d="M12 3v18M12 5h7l2 2.5L19 10h-7M12 12H5l-2 2.5L5 17h7" />
  </Icon>
);

export const ProductIcon = () => (
  <Icon>
    <rect x="4" y="8" width="16" height="12" rx="2" />
    <path d="M9 8V6a2 2 0 0 1 2-2h2a2 2 0 0 1 2 2v2M4 13h16" />
  </Icon>
);

export const ArrowLeftIcon = () => (
  <Icon>
    <path d="M19 12H5M11 6l-6 6 6 6" />
  </Icon>
);

export const ArrowRightIcon = () => (
  <Icon>
    <path d="M5 12h14M13 6l6 6-6 6" />
  </Icon>
);

export const PlusIcon = () => (
  <Icon>
    <path d="M12 5v14M5 12h14" />
  </Icon>
);

export const MinusIcon = () => (
  <Icon>
    <path d="M5 12h14" />
  </Icon>
);
