import type { ComponentChildren, JSX } from "preact";
import type { DropBrief, Found, ReleaseFound, TrackCard } from "../api/types";
import { t } from "../i18n";
import { lit } from "../state/colours";
import { price } from "../state/money";
import { current, type Playing, playFrom, playing, waiting } from "../state/player";
import { href } from "../state/router";
import { Icon } from "./icons";
import { Mosaic } from "./mosaic";
import { Cover, CoverSet, Verified } from "./parts";
import { clock } from "./waveform";

const queued = (track: TrackCard): Playing => ({
  track,
  release: track.release,
  drop: track.drop?.id ?? "",
  item: null,
});

const queue = (tracks: TrackCard[]) => tracks.filter((each) => each.preview_url).map(queued);

/** The cover that plays what it stands for. */
function PlayThumb({ track, among }: { track: TrackCard; among: TrackCard[] }): JSX.Element {
  const mine = current.value?.track.id === track.id;
  const sounding = mine && playing.value;
  const label = sounding ? t("play.pause") : t("play.play", { title: track.title });
  return (
    <button
      type="button"
      class={`thumb thumb-play ${mine ? "thumb-on" : ""}`}
      aria-label={label}
      disabled={!track.preview_url}
      onClick={() => playFrom(queue(among), track.id)}
    >
      <Cover release={track.release} sizes="96px" />
      <span class={`thumb-icon ${mine && waiting.value ? "is-waiting" : ""}`}>
        <Icon name={sounding ? "pause" : "play"} size={20} />
      </span>
    </button>
  );
}

function TrackEntry({
  track,
  among,
  place,
  kind = false,
  press,
}: {
  track: TrackCard;
  /** What plays behind it. */
  among: TrackCard[];
  place?: number;
  /** Whether it says that it is a track. */
  kind?: boolean;
  press?: () => void;
}): JSX.Element {
  const words = [kind && t("search.one.track"), track.release.artist.name];
  return (
    <div class="entry">
      {place !== undefined && <span class="entry-place">{place}</span>}
      <PlayThumb track={track} among={among} />
      <a class="entry-main" href={href.track(track.id)} onClick={press}>
        <b>{track.title}</b>
        <small class="soft">
          {words.filter(Boolean).join(" · ")}
          {track.release.artist.verified && <Verified />}
        </small>
      </a>
      <small class="entry-side soft">
        {place !== undefined && track.plays > 0 && (
          <span>{t("drop.plays", { count: track.plays })}</span>
        )}
        <span>{clock(track.duration_ms / 1000)}</span>
      </small>
    </div>
  );
}

/** Tracks by their place: the first is the first. */
export function TrackEntries({ tracks }: { tracks: TrackCard[] }): JSX.Element {
  return (
    <ol class="entries entries-two">
      {tracks.map((track, at) => (
        <li key={track.id}>
          <TrackEntry track={track} among={tracks} place={at + 1} />
        </li>
      ))}
    </ol>
  );
}

/** A track on a shelf: its cover plays it, its name leads to it. */
export function TrackTile({ track, among }: { track: TrackCard; among: TrackCard[] }): JSX.Element {
  return (
    <div class="tile lit" style={lit(track.release.colours)}>
      <PlayThumb track={track} among={among} />
      <a class="tile-words" href={href.track(track.id)}>
        <b>{track.title}</b>
        <small class="soft">{track.release.artist.name}</small>
      </a>
    </div>
  );
}

/** "2.5 TON", or how it stands when nothing can be collected. */
export function Standing({ drop }: { drop: DropBrief | null }): JSX.Element | null {
  if (!drop) return null;
  if (drop.state === "live") return <b class="standing">{price(drop.price)}</b>;
  return <span class="soft">{t(`drop.${drop.state}`)}</span>;
}

function Line({
  to,
  picture,
  title,
  words,
  side,
  press,
  round = false,
}: {
  to: string;
  picture: ComponentChildren;
  title: ComponentChildren;
  words: ComponentChildren;
  side?: ComponentChildren;
  press?: (() => void) | undefined;
  round?: boolean;
}): JSX.Element {
  return (
    <a class="entry entry-link" href={to} onClick={press}>
      <span class={`thumb ${round ? "thumb-round" : ""}`}>{picture}</span>
      <span class="entry-main">
        <b>{title}</b>
        <small class="soft">{words}</small>
      </span>
      {side && <small class="entry-side">{side}</small>}
    </a>
  );
}

export function ReleaseLine({
  release,
  press,
}: {
  release: ReleaseFound;
  press?: () => void;
}): JSX.Element {
  return (
    <Line
      to={release.drop ? href.drop(release.drop.id) : href.release(release.id)}
      picture={
        <Cover release={release} sizes="96px" {...(release.drop && { name: release.drop.id })} />
      }
      title={release.title}
      words={
        <>
          {t("search.one.release")} · {release.artist.name}
          {release.artist.verified && <Verified />}
        </>
      }
      side={<Standing drop={release.drop} />}
      press={press}
    />
  );
}

/** One thing that was found, whatever it is. press: it led somewhere. */
export function FoundLine({
  found,
  tracks,
  press,
}: {
  found: Found;
  tracks: TrackCard[];
  press: () => void;
}): JSX.Element | null {
  const { track, release, artist, playlist } = found;
  if (track) return <TrackEntry track={track} among={tracks} kind press={press} />;
  if (release) return <ReleaseLine release={release} press={press} />;
  if (artist) {
    return (
      <Line
        to={href.artist(artist.slug)}
        picture={<Face name={artist.name} picture={artist.picture_url} />}
        title={
          <>
            {artist.name}
            {artist.verified && <Verified />}
          </>
        }
        words={t("search.one.artist")}
        side={<Icon name="chevron" size={18} />}
        press={press}
        round
      />
    );
  }
  if (!playlist) return null;
  return (
    <Line
      to={href.playlist(playlist.id)}
      picture={<Mosaic covers={playlist.covers} sizes="56px" />}
      title={playlist.title}
      words={`${t("search.one.playlist")} · ${t("drop.tracks", { count: playlist.tracks })}`}
      side={<Icon name="chevron" size={18} />}
      press={press}
    />
  );
}

export function Face({ name, picture }: { name: string; picture: string | null }): JSX.Element {
  if (!picture) return <span class="face-letter">{name.slice(0, 1)}</span>;
  return (
    <CoverSet url={picture} sizes="96px">
      <img class="cover" src={picture} alt="" width={56} height={56} loading="lazy" />
    </CoverSet>
  );
}
