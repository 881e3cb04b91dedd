import type { ChatMessage, Goal, GoalTemplate, Skill, User, UserBadge } from "../src/api/client";
import type { Routes } from "./network";

export const amelia: User = { id: 1, username: "amelia", display_name: "Amelia Hart" };
export const noor: User = { id: 2, username: "noor", display_name: "Noor Haddad" };

export const template: GoalTemplate = {
  id: 7,
  name: "Bake five loaves",
  slug: "bake-five-loaves",
  description: "Flour, water, salt.",
  target: 5,
  unit: "loaves",
  badge: { id: 3, name: "Good Crust", slug: "good-crust", icon: "flame", description: "Five loaves." },
};

export const goal: Goal = {
  id: 40,
  template,
  progress: 4,
  target: 5,
  status: "active",
  created_at: "2025-06-16T07:30:00+00:00",
  completed_at: null,
};

export const earned: UserBadge = { id: 9, badge: template.badge, goal_id: 40, awarded_at: "2025-06-20T07:30:00+00:00" };

export const skill: Skill = {
  id: 5,
  name: "Sketching",
  slug: "sketching",
  category: "craft",
  description: "See a thing by drawing it.",
  holders: 1,
};

export function message(id: number, user: User, body: string): ChatMessage {
  return { id, user, body, created_at: "2025-06-16T07:30:00+00:00" };
}

export const healthy = { status: "ok", schema: { current: ["a"], head: ["a"], pending: [] } };
export const migrating = {
  status: "maintenance",
  schema: { current: ["a"], head: ["b"], pending: ["20250615_companion"] },
};

/** A service that is well, with two users and nothing else in it. */
export function quietService(): Routes {
  return {
    "GET /health": () => healthy,
    "GET /users": () => ({ items: [amelia, noor] }),
    "GET /users/1/goals": () => ({ items: [] }),
    "GET /users/1/badges": () => ({ items: [] }),
    "GET /badges": () => ({ items: [] }),
    "GET /goal-templates": () => ({ items: [] }),
    "GET /skills": () => ({ items: [] }),
    "GET /users/1/skills": () => ({ items: [] }),
    "GET /chat/messages?limit=30": () => ({ items: [], next_before: null }),
    "GET /products?limit=12": () => ({ items: [], next_after: null }),
  };
}
