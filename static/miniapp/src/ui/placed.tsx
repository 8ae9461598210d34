import type { ComponentChildren, JSX } from "preact";
import type { PlacedTrack } from "../api/types";
import { t } from "../i18n";
import { current, type Playing, playFrom, playing, waiting } from "../state/player";
import { askTrack, type Choice } from "./ask";
import { Icon } from "./icons";
import { LikeButton } from "./like";
import { Artist, CoverSet, IconButton } from "./parts";
import { clock } from "./waveform";

/** What can be heard of a list, as the player takes it. A release's id names its drop as well. */
export function playable(list: PlacedTrack[]): Playing[] {
  return list
    .filter((each) => each.available && each.track.preview_url)
    .map(({ track, release }) => ({ track, release, drop: release.id, item: null }));
}

/** A track somewhere in a person's own music: plays in its list, has a heart and a menu. */
export function TrackLine({
  placed,
  list,
  note = "",
  more = [],
  children,
}: {
  placed: PlacedTrack;
  list: PlacedTrack[];
  note?: string;
  more?: Choice[];
  /** In the place of heart and menu. */
  children?: ComponentChildren;
}): JSX.Element {
  const { track, release, available } = placed;
  const mine = current.value?.track.id === track.id;
  const sounding = mine && playing.value;
  const heard = available && Boolean(track.preview_url);
  const verb = sounding ? t("play.pause") : t("play.play", { title: "" });
  return (
    <div class={`song ${mine ? "song-on" : ""} ${available ? "" : "song-gone"}`}>
      <button
        type="button"
        class="song-play"
        disabled={!heard}
        aria-pressed={sounding}
        onClick={() => playFrom(playable(list), track.id)}
      >
        <span class="song-cover">
          <CoverSet url={release.cover.url} sizes="48px">
            <img
              class="cover"
              src={release.cover.url}
              alt=""
              width={48}
              height={48}
              loading="lazy"
            />
          </CoverSet>
          {mine && (
            <span class={`song-state ${waiting.value ? "is-waiting" : ""}`}>
              <Icon name={sounding ? "pause" : "play"} size={20} />
            </span>
          )}
        </span>
        <span class="list-main">
          <b>
            <span class="visually-hidden">{heard && verb} </span>
            {track.title}
          </b>
          <small class="soft song-facts">
            {available ? (
              <>
                <Artist release={release} />
                {note && <span> · {note}</span>}
                <span> · {clock(track.duration_ms / 1000)}</span>
              </>
            ) : (
              `${release.artist.name} · ${t("track.gone")}`
            )}
          </small>
        </span>
      </button>
      {children ?? (
        <>
          <LikeButton track={track} />
          <IconButton
            icon="more"
            size={22}
            label={t("track.menu", { title: track.title })}
            press={() => askTrack(placed, more)}
          />
        </>
      )}
    </div>
  );
}
