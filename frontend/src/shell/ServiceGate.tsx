import { useQueryClient } from "@tanstack/react-query";
import { Activity, useEffect, useRef, type ReactNode } from "react";
import type { Health } from "../api/client";
import { useHealth } from "../api/queries";
import { CardSkeletons } from "../ui/Skeleton";
import { Notice } from "../ui/Notice";
import { useAnnounce } from "./Announcer";

/**
 * Shows the pages only while Wingman is usable.
 *
 * The pages stay mounted behind a notice, with their effects off: nothing that was typed is lost,
 * and no call is made that could only fail.
 */
export function ServiceGate({ children }: { children: ReactNode }) {
  const { data: health, refetch } = useHealth();
  useChangesOfStatus(health?.status);
  if (health === undefined) return <CardSkeletons label="Connecting to Wingman" />;
  return (
    <>
      {health.status === "maintenance" && <MaintenanceNotice pending={health.schema?.pending ?? []} />}
      {health.status === "unavailable" && <OutageNotice onRetry={() => void refetch()} />}
      <Activity mode={health.status === "ok" ? "visible" : "hidden"}>{children}</Activity>
    </>
  );
}

const SPOKEN: Record<Health["status"], string> = {
  ok: "Wingman is running again.",
  maintenance: "Wingman is being updated.",
  unavailable: "Wingman does not answer right now.",
};

/** Says aloud that the service went or came back; once it is back, every answer from before is stale. */
function useChangesOfStatus(status: Health["status"] | undefined): void {
  const client = useQueryClient();
  const announce = useAnnounce();
  const previous = useRef<Health["status"]>("ok");
  useEffect(() => {
    if (status === undefined || status === previous.current) return;
    previous.current = status;
    announce(SPOKEN[status]);
    if (status === "ok") void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== "health" });
  }, [status, client, announce]);
}

function MaintenanceNotice({ pending }: { pending: string[] }) {
  return (
    <Notice art="works" title="Works on the line">
      <p>
        We are updating Wingman’s database. This takes a moment; the page comes back by itself and nothing you typed is
        lost.
      </p>
      {pending.length > 0 && (
        <p className="notice-detail">
          {pending.length === 1 ? "One step to go: " : `${pending.length} steps to go: `}
          {pending.map((revision, index) => (
            <span key={revision}>
              {index > 0 && ", "}
              <code>{revision}</code>
            </span>
          ))}
        </p>
      )}
    </Notice>
  );
}

function OutageNotice({ onRetry }: { onRetry: () => void }) {
  return (
    <Notice art="stopped" title="Held at a red signal">
      <p>Wingman does not answer right now. We keep trying every few seconds and carry on as soon as it is back.</p>
      <button type="button" className="button button-primary" onClick={onRetry}>
        Try again now
      </button>
    </Notice>
  );
}
