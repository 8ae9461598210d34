import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { api } from "../api";
import type { Drop, Track, TrackDetail } from "../api/types";
import { date, t } from "../i18n";
import type { Primary } from "../state/actions";
import { watchSeconds } from "../state/clock";
import { collect } from "../state/collect";
import { price } from "../state/money";
import { audible, current, duration, playing, seconds, toggle, waiting } from "../state/player";
import { useQuery } from "../state/query";
import { href } from "../state/router";
import { haptic } from "../telegram";
import { Countdown, liveState, SupplyBar } from "../ui/edition";
import { Icon } from "../ui/icons";
import { useLight } from "../ui/light";
import { LikeButton } from "../ui/like";
import { Failure, Skeleton } from "../ui/parts";
import { PrimaryAction } from "../ui/primary";
import { ShareButton } from "../ui/share";
import { Standalone } from "../ui/standalone";
import { clock, Waveform } from "../ui/waveform";
import { TrackRow } from "./tracks";

export function TrackScreen({ of: id }: { of: string }): JSX.Element {
  const { data: track, problem, retry } = useQuery(`track:${id}`, () => api.track(id));
  useLight(track?.release.colours);
  useEffect(() => watchSeconds(), []);
  if (!track) {
    if (problem) return <Failure problem={problem} retry={retry} />;
    return <Skeleton shapes={["cover", "title", "line-short", "bar", "button", "line"]} />;
  }
  const { release, drop } = track;
  const others = release.tracks.filter((each) => each.id !== track.id);
  return (
    <Standalone
      release={release}
      drop={drop}
      eyebrow={
        <a href={drop ? href.drop(drop.id) : href.release(release.id)}>
          {t("track.release", { release: release.title })}
        </a>
      }
      title={track.title}
      acts={
        <>
          <LikeButton track={track} size={24} />
          <ShareButton
            what="track"
            id={track.id}
            words={`${track.title}, ${release.artist.name}`}
          />
        </>
      }
    >
      <Listen track={track} />
      <Sale drop={drop} />
      {others.length > 0 && (
        <section class="block">
          <h2 class="subtitle">{t("track.others")}</h2>
          <ol class="tracks">
            {others.map((each) => (
              <li key={each.id}>
                <TrackRow track={each} release={release} drop={drop?.id ?? ""} item={null} />
              </li>
            ))}
          </ol>
        </section>
      )}
    </Standalone>
  );
}

/** One large button, the shape of the sound, and how long and how often. */
function Listen({ track }: { track: TrackDetail }): JSX.Element {
  const mine = current.value?.track.id === track.id;
  const sounding = mine && playing.value;
  const part = mine && duration.value > 0 ? seconds.value / duration.value : 0;
  const full: Track = track;
  const press = () => {
    haptic.tap();
    toggle(full, track.release, track.drop?.id ?? "");
  };
  return (
    <div class="listen">
      <button
        type="button"
        class={`listen-play ${mine && waiting.value ? "is-waiting" : ""}`}
        aria-label={sounding ? t("play.pause") : t("play.play", { title: track.title })}
        disabled={!track.preview_url}
        onClick={press}
      >
        <Icon name={sounding ? "pause" : "play"} size={32} />
      </button>
      <div class="listen-sound">
        <Waveform points={track.waveform} part={part} {...(mine && { audible: audible.value })} />
        <p class="listen-facts">
          <span>{clock(track.duration_ms / 1000)}</span>
          {track.plays > 0 && <span>{t("drop.plays", { count: track.plays })}</span>}
          <span>{t(track.full === "open" ? "play.full" : "play.preview")}</span>
        </p>
      </div>
    </div>
  );
}

/** How the release is sold, and the one thing to do about it. */
export function Sale({ drop }: { drop: Drop | null }): JSX.Element {
  if (!drop) return <p class="soft">{t("release.unsold")}</p>;
  const state = liveState(drop);
  return (
    <section class="sale" aria-label={t("release.open")}>
      <p class="eyebrow">
        <span class={`pulse pulse-${state}`} />
        {t(`drop.${state}`)}
      </p>
      <SupplyBar supply={drop.supply} />
      {state === "upcoming" && <Countdown label={t("drop.opens")} until={drop.starts_at} />}
      <div class="dock">
        <PrimaryAction action={actionOf(drop, state)} />
      </div>
      <a class="link" href={href.drop(drop.id)}>
        {t("release.open")}
      </a>
    </section>
  );
}

function actionOf(drop: Drop, state: Drop["state"]): Primary | null {
  if (state === "live") {
    const label = t("drop.collect", { price: price(drop.price) });
    return { label, press: () => collect(drop.id) };
  }
  if (state !== "upcoming") return null;
  const label = t("drop.collect.opens", { date: date(drop.starts_at, true) });
  return { label, press: () => undefined, enabled: false };
}
