import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { t } from "../i18n";
import { markOf, setFollowed, setLiked, want } from "../state/marks";
import { offerNotices } from "../state/notices";
import { somebody } from "./ask";
import { Icon } from "./icons";

/** A heart for a track: full at once, empty again when the server says no. */
export function LikeButton({
  track,
  size = 22,
  kind = "",
}: {
  track: { id: string; title: string };
  size?: number;
  kind?: string;
}): JSX.Element {
  useEffect(() => want("tracks", track.id), [track.id]);
  const liked = markOf("tracks", track.id).value === true;
  const label = t(liked ? "like.remove" : "like.add", { title: track.title });
  return (
    <button
      type="button"
      class={`icon-button heart ${liked ? "heart-on" : ""} ${kind}`}
      aria-label={label}
      aria-pressed={liked}
      title={label}
      onClick={() => somebody() && void setLiked(track.id, !liked)}
    >
      <Icon name={liked ? "heart" : "heartLine"} size={size} />
    </button>
  );
}

/** Follows an artist, or stops. */
export function FollowButton({
  artist,
}: {
  artist: { id: string; slug: string; name: string };
}): JSX.Element {
  useEffect(() => want("artists", artist.id), [artist.id]);
  const on = markOf("artists", artist.id).value === true;
  return (
    <button
      type="button"
      class={`button button-small follow ${on ? "follow-on" : ""}`}
      aria-pressed={on}
      onClick={() => {
        if (!somebody()) return;
        void setFollowed(artist, !on);
        // The moment at which hearing of their drops begins to mean something.
        if (!on) void offerNotices("drop", artist.name);
      }}
    >
      {on && <Icon name="check" size={16} />}
      {t(on ? "follow.on" : "follow.add")}
      <span class="visually-hidden"> {artist.name}</span>
    </button>
  );
}
