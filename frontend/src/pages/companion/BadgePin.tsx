import type { Badge } from "../../api/client";
import { BadgeGlyph } from "./BadgeGlyph";

const ENAMELS = 6;

interface BadgePinProps {
  badge: Badge;
  isEarned: boolean;
  size?: "small" | "large";
}

/** An enamel pin: in colour once earned, an empty setting before. */
export function BadgePin({ badge, isEarned, size = "small" }: BadgePinProps) {
  return (
    <span className="pin" data-earned={isEarned} data-size={size} data-enamel={badge.id % ENAMELS} aria-hidden="true">
      <BadgeGlyph icon={badge.icon} fallback={badge.name} />
    </span>
  );
}
