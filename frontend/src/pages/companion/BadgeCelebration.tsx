import { useEffect, useRef } from "react";
import type { UserBadge } from "../../api/client";
import { BadgePin } from "./BadgePin";

interface BadgeCelebrationProps {
  earned: UserBadge | null;
  onClose: () => void;
}

/** The moment a badge is earned. Closing it leads on to the badges, since the goal's own card is gone. */
export function BadgeCelebration({ earned, onClose }: BadgeCelebrationProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (earned) dialog.current?.showModal();
  }, [earned]);

  const closed = () => {
    onClose();
    document.getElementById("badges")?.focus();
  };
  return (
    <dialog ref={dialog} className="celebration" aria-labelledby="celebration-title" onClose={closed}>
      {earned && (
        <>
          <div className="celebration-rays" aria-hidden="true" />
          <BadgePin badge={earned.badge} isEarned size="large" />
          <p className="celebration-kicker">Badge earned</p>
          <h2 id="celebration-title">{earned.badge.name}</h2>
          <p>{earned.badge.description}</p>
          <form method="dialog">
            <button className="button button-primary">Wonderful</button>
          </form>
        </>
      )}
    </dialog>
  );
}
