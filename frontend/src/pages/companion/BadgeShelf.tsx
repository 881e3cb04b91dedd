import { useQuery } from "@tanstack/react-query";
import type { Badge, User, UserBadge } from "../../api/client";
import { badgesQuery, userBadgesQuery } from "../../api/queries";
import { Loaded } from "../../ui/Loaded";
import { formatDay } from "../../ui/format";
import { EmptyState } from "../../ui/States";
import { BadgePin } from "./BadgePin";

/** Every badge there is: the earned ones in colour with their day, the others as empty settings. */
export function BadgeShelf({ user }: { user: User }) {
  const badges = useQuery(badgesQuery);
  const earned = useQuery(userBadgesQuery(user.id));
  return (
    <Loaded query={badges} what="The badges" skeletons={4}>
      {(all) => (
        <Loaded query={earned} what="Your badges" skeletons={4}>
          {(held) => <Shelf badges={all} held={held} />}
        </Loaded>
      )}
    </Loaded>
  );
}

function Shelf({ badges, held }: { badges: Badge[]; held: UserBadge[] }) {
  if (badges.length === 0) return <EmptyState title="No badges can be earned yet." />;
  const awarded = new Map(held.map((one) => [one.badge.id, one.awarded_at]));
  const earnedFirst = badges.toSorted((a, b) => Number(awarded.has(b.id)) - Number(awarded.has(a.id)));
  return (
    <ul className="shelf">
      {earnedFirst.map((badge) => {
        const day = awarded.get(badge.id);
        return (
          <li key={badge.id} className="shelf-badge" data-earned={day !== undefined}>
            <BadgePin badge={badge} isEarned={day !== undefined} size="large" />
            <strong>{badge.name}</strong>
            <span className="muted">{badge.description}</span>
            <span className="shelf-day">{day ? `Earned ${formatDay(day)}` : "Not earned yet"}</span>
          </li>
        );
      })}
    </ul>
  );
}
