import type { ReactNode } from "react";
import type { User } from "../api/client";
import { CardSkeletons } from "../ui/Skeleton";
import { EmptyState, ErrorState } from "../ui/States";
import { useCurrentUser } from "./CurrentUser";

/** Renders what belongs to a user once it is known who that is. */
export function RequireUser({ children }: { children: (user: User) => ReactNode }) {
  const { user, isLoaded, error, retry } = useCurrentUser();
  if (user !== null) return children(user);
  if (error) return <ErrorState what="The users" error={error} onRetry={retry} />;
  if (!isLoaded) return <CardSkeletons label="Finding out who you are" />;
  return <EmptyState title="Nobody is on board yet.">Seed the database to get the first users.</EmptyState>;
}
