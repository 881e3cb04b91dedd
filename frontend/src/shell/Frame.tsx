import type { ReactNode } from "react";
import { Link, useRoute } from "wouter";
import { ChatIcon, GoalIcon, ProductIcon, SkillIcon } from "../ui/icons";
import { useAnnounce } from "./Announcer";
import { useCurrentUser } from "./CurrentUser";
import { Logo } from "./Logo";
import { useFocusOnNavigation } from "./useFocusOnNavigation";
import "./frame.css";

const DESTINATIONS = [
  { path: "/companion", label: "Companion", Icon: GoalIcon },
  { path: "/chat", label: "Chat", Icon: ChatIcon },
  { path: "/skills", label: "Skills", Icon: SkillIcon },
  { path: "/products", label: "Products", Icon: ProductIcon },
] as const;

/** The landmarks around every page: skip link, banner with navigation and user switcher, main, footer. */
export function Frame({ children }: { children: ReactNode }) {
  useFocusOnNavigation();
  return (
    <>
      <a className="skip-link" href="#main">
        Skip to content
      </a>
      <header className="banner">
        <div className="banner-inner">
          <Link href="/companion" className="brand" aria-label="Wingman, home">
            <Logo />
            <span className="brand-name">Wingman</span>
          </Link>
          <nav className="navigation" aria-label="Main">
            {DESTINATIONS.map((destination) => (
              <NavigationLink key={destination.path} {...destination} />
            ))}
          </nav>
          <UserSwitcher />
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <footer className="footer">
        <p>Wingman: somebody beside you, all the way to the terminus.</p>
      </footer>
    </>
  );
}

function NavigationLink({ path, label, Icon }: (typeof DESTINATIONS)[number]) {
  const [isHere] = useRoute(`${path}/*?`);
  return (
    <Link href={path} className="navigation-link" aria-current={isHere ? "page" : undefined}>
      <Icon />
      <span>{label}</span>
    </Link>
  );
}

function UserSwitcher() {
  const { users, user, switchTo } = useCurrentUser();
  const announce = useAnnounce();
  if (user === null) return <div className="switcher switcher-empty" />;

  const change = (id: number) => {
    switchTo(id);
    announce(`Now travelling as ${users.find((one) => one.id === id)?.display_name}.`);
  };
  return (
    <div className="switcher">
      <span className="avatar" aria-hidden="true" data-tint={user.id % 4}>
        {user.display_name.charAt(0)}
      </span>
      <select aria-label="Travelling as" value={user.id} onChange={(event) => change(Number(event.target.value))}>
        {users.map(({ id, display_name }) => (
          <option key={id} value={id}>
            {display_name}
          </option>
        ))}
      </select>
    </div>
  );
}
