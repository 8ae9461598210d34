import { type Signal, signal } from "@preact/signals";
import type { ComponentType, JSX } from "preact";
import { useEffect } from "preact/hooks";
import { t } from "../i18n";
import { collect } from "../state/collect";
import { lit } from "../state/colours";
import {
  current,
  duration,
  grant,
  hasNext,
  next,
  playing,
  seconds,
  stop,
  toggleCurrent,
  trouble,
  waiting,
} from "../state/player";
import { prompt, promptClose } from "../state/prompt";
import { show } from "../state/router";
import { CollectPrice } from "./collectprice";
import { CoverSet, IconButton } from "./parts";
import { badge, troubleWords } from "./playwords";
import { say } from "./toast";
import { clock } from "./waveform";

const full: Signal<ComponentType<{ close: () => void }> | null> = signal(null);
const open = signal(false);

/** The player's code comes when something plays for the first time. */
async function fetchPlayer(): Promise<void> {
  const module = full.value ? null : await import("./nowplaying").catch(() => null);
  if (module) full.value = module.FullPlayer;
}

/** The cover grows into the player as one element. */
async function openPlayer(): Promise<void> {
  await fetchPlayer();
  if (!full.value) return say(t("error.offline"));
  show(() => {
    open.value = true;
  });
}

/** At once: whoever closes it wants the page. */
const closePlayer = () => {
  open.value = false;
};

function state(): string {
  const now = current.value;
  if (trouble.value) return troubleWords();
  if (!now) return "";
  if (!grant.value && !waiting.value && seconds.value > 0) {
    return t("play.resume", { time: clock(seconds.value) });
  }
  return [badge(), now.release.artist.name].filter(Boolean).join(" · ");
}

/** Stays under every page while something plays. */
export function MiniPlayer(): JSX.Element | null {
  const now = current.value;
  const present = now !== null;
  useEffect(() => {
    if (present) void fetchPlayer();
  }, [present]);
  if (!now) return null;
  const part = duration.value > 0 ? seconds.value / duration.value : 0;
  const sounding = playing.value;
  const Full = full.value;
  return (
    <>
      {prompt.value && !open.value && <Prompt />}
      <section class="mini lit" aria-label={t("play.now")} style={lit(now.release.colours)}>
        <span class="mini-line" style={{ "--played": String(part) }} />
        <p class="visually-hidden" role="status">
          {trouble.value ? troubleWords() : ""}
        </p>
        <button type="button" class="mini-open" onClick={() => void openPlayer()}>
          <CoverSet url={now.release.cover.url} sizes="44px">
            <img
              class="cover mini-cover"
              src={now.release.cover.url}
              alt=""
              width={44}
              height={44}
              style={open.value ? {} : { viewTransitionName: "playing-cover" }}
            />
          </CoverSet>
          <span class="visually-hidden">{t("play.open")}: </span>
          <span class="list-main">
            <b>{now.track.title}</b>
            <small class="soft">{state()}</small>
          </span>
        </button>
        <IconButton
          icon={sounding ? "pause" : "play"}
          label={sounding ? t("play.pause") : t("play.play", { title: now.track.title })}
          press={toggleCurrent}
          kind={waiting.value ? "is-waiting" : ""}
        />
        {hasNext.value && (
          <IconButton icon="next" size={22} label={t("play.next")} press={next} kind="mini-next" />
        )}
        <IconButton icon="close" size={20} label={t("common.close")} press={stop} />
        {open.value && Full && <Full close={closePlayer} />}
      </section>
    </>
  );
}

/** After a preview, once a track: the music goes on, and this goes with the next touch. */
function Prompt(): JSX.Element | null {
  const heard = prompt.value;
  if (!heard) return null;
  const take = () => {
    promptClose();
    collect(heard.drop);
  };
  return (
    <div class="prompt lit" style={lit(heard.release.colours)} role="status">
      <span class="list-main">
        <b>{t("prompt.title", { title: heard.track.title })}</b>
        <small class="soft">{t("prompt.text")}</small>
      </span>
      <CollectPrice drop={heard.drop} press={take} kind="button-small" />
      <IconButton icon="close" size={18} label={t("prompt.later")} press={promptClose} />
    </div>
  );
}
