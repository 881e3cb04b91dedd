import type { ReactNode } from "react";
import { SignalArt, type SignalAspect } from "./SignalArt";

interface NoticeProps {
  art: SignalAspect;
  title: string;
  children: ReactNode;
}

/** A message that stands in for a whole page. */
export function Notice({ art, title, children }: NoticeProps) {
  return (
    <section className="notice">
      <SignalArt aspect={art} />
      <div>
        <h1 tabIndex={-1}>{title}</h1>
        {children}
      </div>
    </section>
  );
}
