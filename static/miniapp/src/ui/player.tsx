import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { t } from "../i18n";
import { lit } from "../state/colours";
import {
  again,
  audible,
  current,
  duration,
  grant,
  hasNext,
  next,
  playing,
  previous,
  seconds,
  seek,
  stop,
  toggleCurrent,
  trouble,
  waiting,
} from "../state/player";
import { go, href } from "../state/router";
import { CoverSet, IconButton } from "./parts";
import { Sheet } from "./sheet";
import { Seek } from "./waveform";

const open = signal(false);

/** What is played, in a word; nothing while it is not known. */
function badge(): string {
  const now = grant.value;
  if (!now) return "";
  return t(now.full ? "play.full" : "play.preview");
}

/** Why it is no more than this, or what is in its way. */
function words(): string {
  if (trouble.value) return t(trouble.value === "offline" ? "play.offline" : "play.failed");
  const now = grant.value;
  if (!now) return waiting.value ? t("play.loading") : "";
  if (now.why === "open") return t("play.open.note");
  if (now.why === "holder") return t("play.holder.note");
  return t(`play.${now.why}`);
}

/** Whether asking again may help: then there is a button for it. */
function curable(): boolean {
  const why = grant.value?.why;
  return trouble.value !== null || why === "ownership_unknown" || why === "service";
}

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
            {trouble.value
              ? words()
              : [badge(), now.release.artist.name].filter(Boolean).join(" · ")}
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
          {now.release.artist.name}
          {grant.value && (
            <span class={`player-badge ${grant.value.full ? "player-badge-full" : ""}`}>
              {badge()}
            </span>
          )}
        </p>
      </div>
      <Seek
        points={now.track.waveform}
        at={seconds.value}
        length={duration.value}
        audible={audible.value}
        change={seek}
      />
      <p class={`player-state ${trouble.value ? "player-trouble" : ""}`} role="status">
        {!trouble.value && waiting.value ? t("play.loading") : words()}
      </p>
      {curable() && (
        <button type="button" class="button button-small center-block" onClick={again}>
          {t("play.again")}
        </button>
      )}
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
