/** Moments and money in the reader's own locale. */

const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric" });
const WEEKDAY = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

export const formatDay = (iso: string) => DAY.format(new Date(iso));
export const formatWeekday = (iso: string) => WEEKDAY.format(new Date(iso));
export const formatTime = (iso: string) => TIME.format(new Date(iso));

export function formatPrice(cents: number, currency: string): string {
  return new Intl.NumberFormat(undefined, { style: "currency", currency }).format(cents / 100);
}
