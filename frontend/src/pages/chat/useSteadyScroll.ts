import { useLayoutEffect, useRef } from "react";
import type { ChatMessage, User } from "../../api/client";

/** Closer to the end than this, a reader follows the conversation. */
const AT_END_PX = 48;

/**
 * Keeps the reader's place in a list that grows at both ends: someone at the end follows what arrives, someone
 * reading further up stays on the same message; one's own new message is always shown.
 */
export function useSteadyScroll(messages: ChatMessage[], user: User) {
  const ref = useRef<HTMLElement>(null);
  /** From the top of what is in sight to the end of the list; it stays true when messages come in above. */
  const fromEnd = useRef(0);
  const shownOldest = useRef<number>(undefined);
  const shownNewest = useRef<number>(undefined);
  const oldest = messages[0];
  const newest = messages.at(-1);

  const measure = () => {
    if (ref.current) fromEnd.current = ref.current.scrollHeight - ref.current.scrollTop;
  };

  useLayoutEffect(() => {
    const box = ref.current;
    if (!box) return;
    const wasAtEnd = fromEnd.current - box.clientHeight < AT_END_PX;
    const isOwnNew = newest?.id !== shownNewest.current && newest?.user.id === user.id;
    if (wasAtEnd || isOwnNew) box.scrollTop = box.scrollHeight;
    else if (oldest?.id !== shownOldest.current) box.scrollTop = box.scrollHeight - fromEnd.current;
    shownOldest.current = oldest?.id;
    shownNewest.current = newest?.id;
    measure();
  }, [oldest, newest, user]);

  return { ref, onScroll: measure };
}
