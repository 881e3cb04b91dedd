import { useId, useState, type FormEvent, type KeyboardEvent } from "react";
import type { User } from "../../api/client";
import { fieldError } from "../../ui/fieldError";
import { usePostMessage } from "./useChat";

const LONGEST = 2000;

/** Where a message is written. Enter sends, Shift and Enter starts a new line; a failed message stays in the box. */
export function Composer({ user }: { user: User }) {
  const id = useId();
  const [body, setBody] = useState("");
  const post = usePostMessage(user);
  const { atField, atForm } = fieldError(post.error, "body");
  const error = atField ?? atForm;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!post.isPending) post.mutate(body, { onSuccess: () => setBody("") });
  };
  const sendOnEnter = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) submit(event);
  };
  return (
    <form className="composer" onSubmit={submit} noValidate>
      <label htmlFor={id}>Your message</label>
      <div className="composer-row">
        <textarea
          id={id}
          rows={2}
          value={body}
          maxLength={LONGEST}
          onChange={(event) => setBody(event.target.value)}
          onKeyDown={sendOnEnter}
          aria-invalid={atField !== null}
          aria-describedby={`${id}-hint`}
        />
        <button type="submit" className="button button-primary" disabled={post.isPending}>
          {post.isPending ? "Sending…" : "Send"}
        </button>
      </div>
      <p id={`${id}-hint`} className={error ? "field-error" : "composer-hint"} role={error ? "alert" : undefined}>
        {error ?? "Enter sends, Shift + Enter starts a new line."}
      </p>
    </form>
  );
}
