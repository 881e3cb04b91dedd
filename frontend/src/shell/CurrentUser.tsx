import { useQuery } from "@tanstack/react-query";
import { createContext, useContext, useState, type ReactNode } from "react";
import type { User } from "../api/client";
import { healthQuery, usersQuery } from "../api/queries";

const STORAGE_KEY = "wingman.user";

interface CurrentUser {
  users: User[];
  /** Null until the users are known, or when there are none. */
  user: User | null;
  isLoaded: boolean;
  error: Error | null;
  retry: () => void;
  switchTo: (id: number) => void;
}

const CurrentUserContext = createContext<CurrentUser | null>(null);

export function useCurrentUser(): CurrentUser {
  const value = useContext(CurrentUserContext);
  if (value === null) throw new Error("useCurrentUser needs a CurrentUserProvider above it");
  return value;
}

function rememberedId(): number | null {
  try {
    return Number(localStorage.getItem(STORAGE_KEY)) || null;
  } catch {
    return null; // storage is blocked: the choice lasts for this visit
  }
}

function remember(id: number): void {
  try {
    localStorage.setItem(STORAGE_KEY, String(id));
  } catch {
    // storage is blocked: the choice lasts for this visit
  }
}

/** Who is travelling. There is no login: anyone can be chosen, and the choice is remembered in this browser. */
export function CurrentUserProvider({ children }: { children: ReactNode }) {
  const { data: health } = useQuery(healthQuery);
  const { data, error, refetch } = useQuery({ ...usersQuery, enabled: health?.status === "ok" });
  const [chosenId, setChosenId] = useState(rememberedId);

  const users = data ?? [];
  const user = users.find(({ id }) => id === chosenId) ?? users[0] ?? null;
  const switchTo = (id: number) => {
    setChosenId(id);
    remember(id);
  };
  return (
    <CurrentUserContext
      value={{ users, user, isLoaded: data !== undefined, error, retry: () => void refetch(), switchTo }}
    >
      {children}
    </CurrentUserContext>
  );
}
