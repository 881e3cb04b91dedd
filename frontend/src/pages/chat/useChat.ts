import { infiniteQueryOptions, useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { api, type ChatMessage, type User } from "../../api/client";
import { useAnnounce } from "../../shell/Announcer";

const REFRESH_MS = 10_000;

const chatQuery = infiniteQueryOptions({
  queryKey: ["chat"],
  queryFn: ({ pageParam }) => api.chat(pageParam),
  initialPageParam: null as number | null,
  getNextPageParam: (page) => page.next_before,
  refetchInterval: REFRESH_MS,
});

export interface OlderMessages {
  exist: boolean;
  isLoading: boolean;
  error: Error | null;
  load: () => void;
}

/** The conversation, oldest message first, kept up to date while it is in sight. */
export function useChat(user: User) {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } =
    useInfiniteQuery(chatQuery);
  const messages = useMemo(() => data?.pages.flatMap(({ items }) => items).toReversed(), [data]);
  useAnnounceArrivals(messages, user);
  const older: OlderMessages = {
    exist: hasNextPage,
    isLoading: isFetchingNextPage,
    error: isFetchNextPageError ? error : null,
    load: () => void fetchNextPage(),
  };
  return { messages, error, retry: () => void refetch(), older };
}

/** Speaks what others wrote since the last look, and never the older messages that were asked for. */
function useAnnounceArrivals(messages: ChatMessage[] | undefined, user: User): void {
  const announce = useAnnounce();
  const newestId = useRef<number | null>(null);
  useEffect(() => {
    if (messages === undefined) return;
    const known = newestId.current;
    newestId.current = messages.at(-1)?.id ?? 0;
    if (known === null) return;
    const arrived = messages.filter(({ id, user: author }) => id > known && author.id !== user.id);
    if (arrived.length > 0)
      announce(arrived.map(({ user: author, body }) => `${author.display_name}: ${body}`).join(". "));
  }, [messages, user, announce]);
}

export function usePostMessage(user: User) {
  const client = useQueryClient();
  const announce = useAnnounce();
  return useMutation({
    mutationFn: (body: string) => api.postMessage(user.id, body),
    onSuccess: () => {
      announce("Message sent.");
      return client.invalidateQueries(chatQuery);
    },
  });
}
