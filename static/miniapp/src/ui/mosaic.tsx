import type { JSX } from "preact";
import { Icon } from "./icons";
import { CoverSet } from "./parts";

/** A playlist's cover: one picture, four of its tracks', or an empty sleeve. */
export function Mosaic({
  covers,
  sizes,
  name,
}: {
  covers: string[];
  sizes: string;
  /** What grows from the list into the page. */
  name?: string;
}): JSX.Element {
  const shown = covers.length >= 4 ? covers.slice(0, 4) : covers.slice(0, 1);
  const style = name ? { viewTransitionName: `cover-${name}` } : {};
  return (
    <span class={`mosaic mosaic-${shown.length}`} aria-hidden="true" style={style}>
      {shown.length === 0 && <Icon name="queue" size={28} />}
      {shown.map((url) => (
        <CoverSet key={url} url={url} sizes={sizes}>
          <img src={url} alt="" loading="lazy" decoding="async" />
        </CoverSet>
      ))}
    </span>
  );
}
