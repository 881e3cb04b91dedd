/** Everything that crosses the network: the API's shapes, one request function, one function per endpoint. */

export type GoalStatus = "active" | "completed" | "abandoned";
export type SkillCategory = "mind" | "body" | "craft" | "social";

export interface User {
  id: number;
  username: string;
  display_name: string;
}

export interface Badge {
  id: number;
  name: string;
  slug: string;
  icon: string;
  description: string;
}

export interface UserBadge {
  id: number;
  badge: Badge;
  goal_id: number | null;
  awarded_at: string;
}

export interface GoalTemplate {
  id: number;
  name: string;
  slug: string;
  description: string;
  target: number;
  unit: string;
  badge: Badge;
}

export interface Goal {
  id: number;
  template: GoalTemplate;
  progress: number;
  target: number;
  status: GoalStatus;
  created_at: string;
  completed_at: string | null;
}

export interface Completion {
  goal: Goal;
  /** Null when the user already held the badge. */
  badge: UserBadge | null;
}

export interface Skill {
  id: number;
  name: string;
  slug: string;
  category: SkillCategory;
  description: string;
  /** How many users have it. */
  holders: number;
}

export interface HeldSkill extends Skill {
  /** 1 (new to it) to 5 (could teach it). */
  level: number;
}

export interface ChatMessage {
  id: number;
  user: User;
  body: string;
  created_at: string;
}

export interface ChatPage {
  /** Newest first. */
  items: ChatMessage[];
  next_before: number | null;
}

export interface ProductImage {
  id: number;
  url: string;
  alt_text: string;
  position: number;
}

export interface Product {
  id: number;
  name: string;
  slug: string;
  description: string;
  price_cents: number;
  currency: string;
  images: ProductImage[];
}

export interface ProductPage {
  items: Product[];
  next_after: number | null;
}

export interface Health {
  status: "ok" | "maintenance" | "unavailable";
  schema: { current: string[]; head: string[]; pending: string[] } | null;
}

/** A call that failed, as the API explains it; code "unreachable" when no answer of the API came back at all. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly field: string | null;

  constructor(status: number, code: string, message: string, field: string | null = null) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.field = field;
  }

  /** Whether the service as a whole is away, rather than this one request being wrong. */
  get isOutage(): boolean {
    return ["unreachable", "maintenance", "unavailable"].includes(this.code);
  }
}

const API_ORIGIN = (import.meta.env.VITE_API_URL ?? "").replace(/\/+$/, "");
const DEADLINE_MS = 15_000;

type Query = Record<string, string | number | null | undefined>;

function address(path: string, query: Query): string {
  const known = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
  const search = new URLSearchParams(known.map(([key, value]) => [key, String(value)]));
  return `${API_ORIGIN}/api${path}${search.size > 0 ? `?${search}` : ""}`;
}

function unreachable(): ApiError {
  return new ApiError(0, "unreachable", "Wingman cannot be reached at the moment.");
}

async function send(method: string, path: string, query: Query, body: unknown): Promise<Response> {
  const init: RequestInit = { method, signal: AbortSignal.timeout(DEADLINE_MS) };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { "Content-Type": "application/json" };
  }
  try {
    return await fetch(address(path, query), init);
  } catch {
    throw unreachable();
  }
}

async function failure(response: Response): Promise<ApiError> {
  const answer = await response.json().catch(() => null);
  const error = answer?.error;
  // A proxy's or a platform's own error page is no answer of the API.
  if (typeof error?.message !== "string") return unreachable();
  return new ApiError(response.status, error.code, error.message, error.field ?? null);
}

interface RequestOptions {
  query?: Query;
  body?: unknown;
}

async function request<T>(method: string, path: string, { query = {}, body }: RequestOptions = {}): Promise<T> {
  const response = await send(method, path, query, body);
  if (!response.ok) throw await failure(response);
  if (response.status === 204) return undefined as T;
  try {
    return (await response.json()) as T;
  } catch {
    throw unreachable();
  }
}

async function list<T>(path: string, query: Query = {}): Promise<T[]> {
  return (await request<{ items: T[] }>("GET", path, { query })).items;
}

/** Health never throws: no answer is an answer too. */
export async function fetchHealth(): Promise<Health> {
  try {
    const response = await send("GET", "/health", {}, undefined);
    const health = (await response.json()) as Partial<Health>;
    return { status: health.status ?? "unavailable", schema: health.schema ?? null };
  } catch {
    return { status: "unavailable", schema: null };
  }
}

export const api = {
  users: () => list<User>("/users"),
  products: (after: number | null) => request<ProductPage>("GET", "/products", { query: { limit: 12, after } }),
  product: (id: number) => request<Product>("GET", `/products/${id}`),
  skills: () => list<Skill>("/skills"),
  heldSkills: (userId: number) => list<HeldSkill>(`/users/${userId}/skills`),
  setSkill: (userId: number, skillId: number, level: number) =>
    request<HeldSkill>("PUT", `/users/${userId}/skills/${skillId}`, { body: { level } }),
  removeSkill: (userId: number, skillId: number) => request<void>("DELETE", `/users/${userId}/skills/${skillId}`),
  chat: (before: number | null) => request<ChatPage>("GET", "/chat/messages", { query: { limit: 30, before } }),
  postMessage: (userId: number, body: string) =>
    request<ChatMessage>("POST", "/chat/messages", { body: { user_id: userId, body } }),
  goalTemplates: () => list<GoalTemplate>("/goal-templates"),
  goals: (userId: number) => list<Goal>(`/users/${userId}/goals`),
  startGoal: (userId: number, templateId: number, target: number) =>
    request<Goal>("POST", `/users/${userId}/goals`, { body: { template_id: templateId, target } }),
  setProgress: (userId: number, goalId: number, progress: number) =>
    request<Goal>("PATCH", `/users/${userId}/goals/${goalId}`, { body: { progress } }),
  completeGoal: (userId: number, goalId: number) =>
    request<Completion>("POST", `/users/${userId}/goals/${goalId}/complete`),
  badges: () => list<Badge>("/badges"),
  userBadges: (userId: number) => list<UserBadge>(`/users/${userId}/badges`),
};
