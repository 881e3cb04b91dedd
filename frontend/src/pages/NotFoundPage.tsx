import { Link } from "wouter";
import { PageHeading } from "../shell/PageHeading";

export function NotFoundPage() {
  return (
    <>
      <PageHeading title="No such platform" lead="The address you followed does not lead anywhere in Wingman." />
      <Link href="/companion" className="button button-primary">
        Back to your goals
      </Link>
    </>
  );
}
