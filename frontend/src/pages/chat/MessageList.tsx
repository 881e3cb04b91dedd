import { Fragment } from "react";
import type { ChatMessage, User } from "../../api/client";
import { formatTime, formatWeekday } from "../../ui/format";
import { EmptyState } from "../../ui/States";
import type { OlderMessages } from "./useChat";
import { useSteadyScroll } from "./useSteadyScroll";

interface MessageListProps {
  user: User;
  /** Oldest first. */
  messages: ChatMessage[];
  older: OlderMessages;
}

export function MessageList({ user, messages, older }: MessageListProps) {
  const scroller = useSteadyScroll(messages, user);
  if (messages.length === 0) return <EmptyState title="It is quiet here.">Write the first message.</EmptyState>;
  return (
    <section {...scroller} className="messages" aria-label="Messages" tabIndex={0}>
      <OlderButton older={older} />
      <ol>
        {messages.map((message, index) => (
          <Fragment key={message.id}>
            {startsDay(message, messages[index - 1]) && (
              <li className="day">
                <span>{formatWeekday(message.created_at)}</span>
              </li>
            )}
            <Message message={message} isOwn={message.user.id === user.id} />
          </Fragment>
        ))}
      </ol>
    </section>
  );
}

function startsDay(message: ChatMessage, previous: ChatMessage | undefined): boolean {
  return previous === undefined || formatWeekday(previous.created_at) !== formatWeekday(message.created_at);
}

function Message({ message, isOwn }: { message: ChatMessage; isOwn: boolean }) {
  const { user, body, created_at } = message;
  return (
    <li className="message" data-own={isOwn}>
      <span className="avatar" data-tint={user.id % 4} aria-hidden="true">
        {user.display_name.charAt(0)}
      </span>
      <div className="message-body">
        <p className="message-meta">
          <strong>{isOwn ? "You" : user.display_name}</strong>
          <time dateTime={created_at}>{formatTime(created_at)}</time>
        </p>
        <p className="message-text">{body}</p>
      </div>
    </li>
  );
}

function OlderButton({ older }: { older: OlderMessages }) {
  if (!older.exist) return <p className="messages-start">This is where the conversation began.</p>;
  return (
    <div className="messages-older">
      {older.error && <p role="alert">Older messages could not be loaded. {older.error.message}</p>}
      <button type="button" className="button" disabled={older.isLoading} onClick={older.load}>
        {older.isLoading ? "Loading…" : "Show older messages"}
      </button>
    </div>
  );
}
