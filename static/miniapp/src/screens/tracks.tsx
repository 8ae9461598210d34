import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../api";
import { asProblem } from "../api/problem";
import type { Release, Track } from "../api/types";
import { t } from "../i18n";
import { audible, current, duration, playing, seconds, toggle, waiting } from "../state/player";
import { haptic, saveFile } from "../telegram";
import { addToPlaylist } from "../ui/ask";
import { Icon } from "../ui/icons";
import { LikeButton } from "../ui/like";
import { explain, IconButton } from "../ui/parts";
import { say } from "../ui/toast";
import { clock, Waveform } from "../ui/waveform";

type Full = Release & { tracks: Track[] };

export function Tracks({ release, drop }: { release: Full; drop: string }): JSX.Element {
  return (
    <section class="block">
      <h2 class="subtitle">
        {t("drop.listen")} <span class="soft small">{t("drop.preview")}</span>
      </h2>
      <ol class="tracks">
        {release.tracks.map((track) => (
          <li key={track.id} class="track-kept">
            <TrackRow track={track} release={release} drop={drop} item={null} />
            <LikeButton track={track} />
            <IconButton
              icon="addTo"
              size={22}
              label={`${t("track.add")}: ${track.title}`}
              press={() => addToPlaylist({ track, release, available: true })}
            />
          </li>
        ))}
      </ol>
    </section>
  );
}

/** The tracks of an edition, on its own page: the holder hears them whole and may keep them. */
export function EditionTracks({
  release,
  drop,
  item,
  mine,
}: {
  release: Full;
  drop: string;
  item: string;
  mine: boolean;
}): JSX.Element {
  return (
    <section class="block">
      <h2 class="subtitle">{t(mine ? "item.listen" : "drop.listen")}</h2>
      <ol class="tracks">
        {release.tracks.map((track) => (
          <li key={track.id} class="track-kept">
            <TrackRow track={track} release={release} drop={drop} item={mine ? item : null} />
            {mine && <Download track={track} item={item} />}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Download({ track, item }: { track: Track; item: string }): JSX.Element {
  const [busy, setBusy] = useState(false);
  const keep = async () => {
    setBusy(true);
    try {
      const { url, filename } = await api.download(track.id, item);
      saveFile(url, filename);
      say(t("item.downloading"));
    } catch (error) {
      say(explain(asProblem(error)));
    }
    setBusy(false);
  };
  const label = t("item.download", { title: track.title });
  return (
    <button
      type="button"
      class={`icon-button ${busy ? "is-waiting" : ""}`}
      aria-label={label}
      title={label}
      disabled={busy}
      onClick={() => void keep()}
    >
      <Icon name="save" size={22} />
    </button>
  );
}

function TrackRow({
  track,
  release,
  drop,
  item,
}: {
  track: Track;
  release: Full;
  drop: string;
  item: string | null;
}): JSX.Element {
  const mine = current.value?.track.id === track.id;
  const sounding = mine && playing.value;
  const part = mine && duration.value > 0 ? seconds.value / duration.value : 0;
  const verb = sounding ? t("play.pause") : t("play.play", { title: "" });
  const press = () => {
    haptic.tap();
    toggle(track, release, drop, item);
  };
  const playable = Boolean(track.preview_url) || item !== null;
  return (
    <button
      type="button"
      class={`track ${mine ? "track-on" : ""}`}
      disabled={!playable}
      aria-pressed={sounding}
      onClick={press}
    >
      <span class="visually-hidden">{verb}</span>
      <span class={`track-play ${mine && waiting.value ? "is-waiting" : ""}`}>
        <Icon name={sounding ? "pause" : "play"} size={20} />
      </span>
      <span class="track-main">
        <span class="track-line">
          <b>{track.title}</b>
          <small class="soft">{playable ? facts(track) : t("play.none")}</small>
        </span>
        <Waveform points={track.waveform} part={part} {...(mine && { audible: audible.value })} />
      </span>
    </button>
  );
}

/** "Full track · 3 plays · 4:05" */
function facts(track: Track): string {
  return [
    track.full === "open" && t("play.full"),
    track.plays > 0 && t("drop.plays", { count: track.plays }),
    clock(track.duration_ms / 1000),
  ]
    .filter(Boolean)
    .join(" · ");
}
