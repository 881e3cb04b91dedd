import type { ReactNode } from "react";

/** What is engraved on a badge, by the icon's name in the API; filled shapes on a 24 unit grid. */
const GLYPHS: Record<string, ReactNode> = {
  sunrise: (
    <>
      <path d="M6 17a6 6 0 0 1 12 0z" fill="currentColor" />
      <path d="M2 20.5h20M12 4v4M3.8 8.6l2.6 2.6M20.2 8.6l-2.6 2.6" />
    </>
  ),
  mountain: (
    <>
      <path d="M2 19.5 9 7l4 7 2.5-4 6.5 9.5z" fill="currentColor" />
      <circle cx="17.5" cy="5.5" r="1.8" fill="currentColor" />
    </>
  ),
  target: (
    <>
      <circle cx="12" cy="12" r="9" />
      <circle cx="12" cy="12" r="4.5" />
      <circle cx="12" cy="12" r="1" fill="currentColor" />
    </>
  ),
  flame: (
    <path
      d="M12.5 2c.6 4-4.5 6-5.6 10.2C5.8 16.6 8.6 21.5 12.5 21.5s6.5-3.2 6.3-6.7c-.1-2.7-1.7-4.3-2.6-6.1-.4 1.4-1 2.2-2 2.8C15 8 14.6 4.2 12.5 2z"
      fill="currentColor"
    />
  ),
  pen: (
    <>
      <path d="M14.5 4.5l5 5L9 20l-6 1 1-6z" fill="currentColor" />
      <path d="M17 2l5 5" />
    </>
  ),
  people: (
    <>
      <circle cx="8" cy="8" r="3.5" fill="currentColor" />
      <circle cx="17" cy="9.5" r="2.7" fill="currentColor" />
      <path
        d="M1.5 20c0-4 2.8-6.5 6.5-6.5s6.5 2.5 6.5 6.5zM16.5 20h6c0-3.4-2.2-5.8-5.5-5.8-.7 0-1.3.1-1.8.3 1 1.4 1.4 3.3 1.3 5.5z"
        fill="currentColor"
      />
    </>
  ),
};

interface BadgeGlyphProps {
  icon: string;
  /** Its first letter is engraved when the icon is not one of ours. */
  fallback: string;
}

export function BadgeGlyph({ icon, fallback }: BadgeGlyphProps) {
  const glyph = GLYPHS[icon];
  if (glyph === undefined) return <span>{fallback.charAt(0)}</span>;
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" focusable="false">
      {glyph}
    </svg>
  );
}
