import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { CardSkeletons } from "./Skeleton";
import { ErrorState } from "./States";

interface LoadedProps<T> {
  query: Pick<UseQueryResult<T>, "data" | "error" | "refetch">;
  /** What is loaded, as the start of a sentence: "Your goals". */
  what: string;
  skeletons?: number;
  children: (data: T) => ReactNode;
}

/** A query's four faces: waiting, failed, and (left to the children) empty or full. Stale data stays in sight. */
export function Loaded<T>({ query, what, skeletons = 3, children }: LoadedProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <ErrorState what={what} error={query.error} onRetry={() => void query.refetch()} />;
  return <CardSkeletons label={`${what}: loading`} count={skeletons} />;
}
