import type { User } from "../../api/client";
import { PageHeading } from "../../shell/PageHeading";
import { RequireUser } from "../../shell/RequireUser";
import { CardSkeletons } from "../../ui/Skeleton";
import { ErrorState } from "../../ui/States";
import { Composer } from "./Composer";
import { MessageList } from "./MessageList";
import { useChat } from "./useChat";
import "./chat.css";

export function ChatPage() {
  return (
    <div className="chat">
      <PageHeading title="Chat" lead="The whole crew reads along: say how it goes, ask, cheer." />
      <RequireUser>{(user) => <Conversation user={user} />}</RequireUser>
    </div>
  );
}

function Conversation({ user }: { user: User }) {
  const chat = useChat(user);
  if (chat.messages === undefined) {
    if (!chat.error) return <CardSkeletons label="The messages: loading" count={2} />;
    return <ErrorState what="The messages" error={chat.error} onRetry={chat.retry} />;
  }
  return (
    <>
      <MessageList user={user} messages={chat.messages} older={chat.older} />
      <Composer user={user} />
    </>
  );
}
