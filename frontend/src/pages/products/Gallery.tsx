import { useRef, useState, type KeyboardEvent } from "react";
import type { ProductImage } from "../../api/client";
import { ArrowLeftIcon, ArrowRightIcon } from "../../ui/icons";

interface GalleryProps {
  images: ProductImage[];
  label: string;
}

/**
 * One large picture and its thumbnails, as the tabs pattern: the thumbnails are one stop in the tab order,
 * arrow keys go round, Home and End jump. The buttons on the picture do the same for a thumb or a mouse.
 */
export function Gallery({ images, label }: GalleryProps) {
  const [shown, setShown] = useState(0);
  const tabs = useRef<(HTMLButtonElement | null)[]>([]);
  const image = images[shown];
  if (image === undefined) return <div className="gallery-empty">No picture yet</div>;

  const show = (index: number) => setShown((index + images.length) % images.length);
  const move = (event: KeyboardEvent) => {
    const target = destination(event.key, shown, images.length);
    if (target === null) return;
    event.preventDefault();
    setShown(target);
    tabs.current[target]?.focus();
  };
  return (
    <section className="gallery" aria-label={label}>
      <div className="gallery-stage" role="tabpanel" id="gallery-stage" aria-labelledby={`thumb-${image.id}`}>
        <img key={image.id} src={image.url} alt={image.alt_text} width={960} height={720} />
        {images.length > 1 && (
          <>
            <button
              type="button"
              className="gallery-turn"
              onClick={() => show(shown - 1)}
              aria-label="Previous picture"
            >
              <ArrowLeftIcon />
            </button>
            <button type="button" className="gallery-turn" onClick={() => show(shown + 1)} aria-label="Next picture">
              <ArrowRightIcon />
            </button>
          </>
        )}
      </div>
      <div className="gallery-thumbs" role="tablist" aria-label={label} onKeyDown={move}>
        {images.map(({ id, url, alt_text }, index) => (
          <button
            key={id}
            ref={(tab) => {
              tabs.current[index] = tab;
            }}
            type="button"
            role="tab"
            id={`thumb-${id}`}
            className="gallery-thumb"
            aria-selected={index === shown}
            aria-controls="gallery-stage"
            aria-label={`Picture ${index + 1} of ${images.length}: ${alt_text}`}
            tabIndex={index === shown ? 0 : -1}
            onClick={() => setShown(index)}
          >
            <img src={url} alt="" width={96} height={72} />
          </button>
        ))}
      </div>
    </section>
  );
}

/** Where a key leads in a ring of pictures, or null for a key that means nothing here. */
function destination(key: string, current: number, count: number): number | null {
  switch (key) {
    case "ArrowRight":
      return (current + 1) % count;
    case "ArrowLeft":
      return (current - 1 + count) % count;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return null;
  }
}
