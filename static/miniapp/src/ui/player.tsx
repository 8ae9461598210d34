import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { t } from "../i18n";
import { lit } from "../state/colours";
import {
  current,
  duration,
  failed,
  hasNext,
  next,
  playing,
  previous,
  seconds,
  seek,
  stop,
  toggleCurrent,
  waiting,
} from "../state/player";
import { go, href } from "../state/router";
import { CoverSet, IconButton } from "./parts";
import { Sheet } from "./sheet";
import { Seek } from "./waveform";

const open = signal(false);

/** Stays under every page while something plays. */
export function MiniPlayer(): JSX.Element | null {
  const now = current.value;
  if (!now) return null;
  const part = duration.value > 0 ? seconds.value / duration.value : 0;
  const sounding = playing.value;
  return (
    <section class="mini lit" aria-label={t("play.now")} style={lit(now.release.colours)}>
      <span class="mini-line" style={{ "--played": String(part) }} />
      <button
        type="button"
        class="mini-open"
        aria-label={t("play.open")}
        onClick={() => {
          open.value = true;
        }}
      >
        <CoverSet url={now.release.cover.url} sizes="44px">
          <img class="cover mini-cover" src={now.release.cover.url} alt="" width={44} height={44} />
        </CoverSet>
        <span class="list-main">
          <b>{now.track.title}</b>
          <small class="soft" role="status">
            {failed.value ? t("play.failed") : now.release.artist.name}
          </small>
        </span>
      </button>
      <IconButton
        icon={sounding ? "pause" : "play"}
        label={sounding ? t("play.pause") : t("play.play", { title: now.track.title })}
        press={toggleCurrent}
        kind={waiting.value ? "is-waiting" : ""}
      />
      <IconButton icon="close" size={20} label={t("common.close")} press={stop} />
      {open.value && <FullPlayer />}
    </section>
  );
}

function FullPlayer(): JSX.Element | null {
  const now = current.value;
  if (!now) return null;
  const close = () => {
    open.value = false;
  };
  const sounding = playing.value;
  return (
    <Sheet title={t("play.now")} close={close} kind="sheet-player">
      <CoverSet url={now.release.cover.url} sizes="min(80vw, 360px)">
        <img
          class={`cover player-cover ${sounding ? "" : "player-cover-still"}`}
          src={now.release.cover.url}
          alt=""
        />
      </CoverSet>
      <div class="player-words">
        <p class="player-title">{now.track.title}</p>
        <p class="soft">
          {now.release.artist.name} · {t("play.sample")}
        </p>
      </div>
      <Seek points={now.track.waveform} at={seconds.value} length={duration.value} change={seek} />
      <p class="player-state" role="status">
        {failed.value ? t("play.failed") : waiting.value ? t("play.loading") : ""}
      </p>
      <div class="player-buttons">
        <IconButton icon="previous" size={32} label={t("play.previous")} press={previous} />
        <IconButton
          icon={sounding ? "pause" : "play"}
          size={36}
          label={sounding ? t("play.pause") : t("play.play", { title: now.track.title })}
          press={toggleCurrent}
          kind="player-main"
        />
        <IconButton
          icon="next"
          size={32}
          label={t("play.next")}
          press={next}
          disabled={!hasNext.value}
        />
      </div>
      <button
        type="button"
        class="button wide"
        onClick={() => {
          close();
          go(href.drop(now.drop));
        }}
      >
        {t("play.collect")}
      </button>
    </Sheet>
  );
}
