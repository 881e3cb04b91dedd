import { useEffect, useRef } from "react";
import { useLocation } from "wouter";

/** Moves the focus to the new page's heading after a navigation, as a full page load would; not on arrival. */
export function useFocusOnNavigation(): void {
  const [path] = useLocation();
  const shown = useRef(path);
  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    window.scrollTo({ top: 0, behavior: "instant" });
    document.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true });
  }, [path]);
}
