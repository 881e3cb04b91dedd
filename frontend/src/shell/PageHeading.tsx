import { useEffect, type ReactNode } from "react";

interface PageHeadingProps {
  title: string;
  lead?: ReactNode;
  children?: ReactNode;
}

/** The page's h1, which also names the document. It can take the focus: see useFocusOnNavigation. */
export function PageHeading({ title, lead, children }: PageHeadingProps) {
  useEffect(() => {
    document.title = `${title} · Wingman`;
  }, [title]);
  return (
    <header className="page-heading">
      <div>
        <h1 tabIndex={-1}>{title}</h1>
        {lead && <p className="lead">{lead}</p>}
      </div>
      {children}
    </header>
  );
}
