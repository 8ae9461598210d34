import type { JSX } from "preact";
import type { Release, Track } from "../api/types";
import { t } from "../i18n";
import { current, duration, playing, seconds, toggle, waiting } from "../state/player";
import { haptic } from "../telegram";
import { Icon } from "../ui/icons";
import { clock, Waveform } from "../ui/waveform";

type Full = Release & { tracks: Track[] };

export function Tracks({ release, drop }: { release: Full; drop: string }): JSX.Element {
  return (
    <section class="block">
      <h2 class="subtitle">
        {t("drop.samples")} <span class="soft small">{t("drop.sample")}</span>
      </h2>
      <ol class="tracks">
        {release.tracks.map((track) => (
          <TrackRow key={track.id} track={track} release={release} drop={drop} />
        ))}
      </ol>
    </section>
  );
}

function TrackRow({
  track,
  release,
  drop,
}: {
  track: Track;
  release: Full;
  drop: string;
}): JSX.Element {
  const mine = current.value?.track.id === track.id;
  const sounding = mine && playing.value;
  const part = mine && duration.value > 0 ? seconds.value / duration.value : 0;
  const verb = sounding ? t("play.pause") : t("play.play", { title: "" });
  const press = () => {
    haptic.tap();
    toggle(track, release, drop);
  };
  return (
    <li>
      <button
        type="button"
        class={`track ${mine ? "track-on" : ""}`}
        disabled={!track.sample_url}
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
            <small class="soft">
              {track.sample_url ? clock(track.duration_ms / 1000) : t("play.none")}
            </small>
          </span>
          <Waveform points={track.waveform} part={part} />
        </span>
      </button>
    </li>
  );
}
