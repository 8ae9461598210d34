import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { t } from "../i18n";
import { collect } from "../state/collect";
import { lit } from "../state/colours";
import {
  again,
  audible,
  current,
  duration,
  grant,
  hasNext,
  muted,
  next,
  type Playing,
  playing,
  previous,
  seconds,
  seek,
  toggleCurrent,
  trouble,
  waiting,
} from "../state/player";
import { promptClose } from "../state/prompt";
import { go, href } from "../state/router";
import { cycleRepeat, repeat, shuffled, toggleShuffle } from "../state/upnext";
import { haptic } from "../telegram";
import { addToPlaylist } from "./ask";
import { CollectPrice } from "./collectprice";
import { Icon } from "./icons";
import { LikeButton } from "./like";
import { Artist, CoverSet, IconButton } from "./parts";
import { badge, curable, words } from "./playwords";
import { Sheet } from "./sheet";
import { UpNext } from "./upnext";
import { Seek } from "./waveform";

/** The whole player: the cover and what is heard, and beside or behind it what comes next. */
export function FullPlayer({ close }: { close: () => void }): JSX.Element | null {
  const [list, setList] = useState(false);
  const now = current.value;
  if (!now) return null;
  const leave = (to: string) => {
    close();
    go(to);
  };
  return (
    <Sheet title={t("play.now")} close={close} kind="sheet-player">
      <div class={`now lit ${list ? "now-listing" : ""}`} style={lit(now.release.colours)}>
        <div class="now-main">
          <BigCover now={now} />
          <div class="now-words">
            <Words now={now} leave={leave} />
          </div>
          <div class="now-sound">
            <Sound now={now} />
            <Buttons now={now} />
          </div>
          <Foot now={now} leave={leave} list={list} toggle={() => setList(!list)} close={close} />
        </div>
        <UpNext />
      </div>
    </Sheet>
  );
}

function BigCover({ now }: { now: Playing }): JSX.Element {
  return (
    <div class={`now-cover ${playing.value ? "" : "now-still"}`}>
      <CoverSet url={now.release.cover.url} sizes="(min-width: 760px) 400px, 80vw">
        <img
          class="cover"
          src={now.release.cover.url}
          alt=""
          style={{ viewTransitionName: "playing-cover" }}
        />
      </CoverSet>
    </div>
  );
}

function Words({ now, leave }: { now: Playing; leave: (to: string) => void }): JSX.Element {
  const link = (to: string) => (event: Event) => {
    event.preventDefault();
    leave(to);
  };
  const drop = now.drop && href.drop(now.drop);
  const artist = href.artist(now.release.artist.slug);
  return (
    <>
      <p class="now-title">
        {drop ? (
          <a href={drop} onClick={link(drop)}>
            {now.track.title}
          </a>
        ) : (
          now.track.title
        )}
      </p>
      <p class="now-by">
        <a href={artist} onClick={link(artist)}>
          <Artist release={now.release} />
        </a>
        {grant.value && (
          <span class={`player-badge ${grant.value.full ? "player-badge-full" : ""}`}>
            {badge()}
          </span>
        )}
      </p>
    </>
  );
}

function Sound({ now }: { now: Playing }): JSX.Element {
  return (
    <>
      <Seek
        points={now.track.waveform}
        at={seconds.value}
        length={duration.value}
        audible={audible.value}
        change={seek}
      />
      <p class={`player-state ${trouble.value ? "player-trouble" : ""}`} role="status">
        {muted.value && !trouble.value ? t("play.muted") : words()}
      </p>
      {curable() && (
        <button type="button" class="button button-small center-block" onClick={again}>
          {t("play.again")}
        </button>
      )}
    </>
  );
}

function Buttons({ now }: { now: Playing }): JSX.Element {
  const sounding = playing.value;
  const press = (act: () => void) => () => {
    haptic.select();
    act();
  };
  return (
    <div class="now-buttons">
      <button
        type="button"
        class="icon-button now-mode"
        aria-label={t("queue.shuffle")}
        aria-pressed={shuffled.value}
        title={t("queue.shuffle")}
        onClick={press(toggleShuffle)}
      >
        <Mode name="shuffle" />
      </button>
      <IconButton icon="previous" size={34} label={t("play.previous")} press={previous} />
      <IconButton
        icon={sounding ? "pause" : "play"}
        size={38}
        label={sounding ? t("play.pause") : t("play.play", { title: now.track.title })}
        press={toggleCurrent}
        kind={`now-play ${waiting.value ? "is-waiting" : ""}`}
      />
      <IconButton
        icon="next"
        size={34}
        label={t("play.next")}
        press={next}
        disabled={!hasNext.value}
      />
      <button
        type="button"
        class="icon-button now-mode"
        aria-label={t(`queue.repeat.${repeat.value}`)}
        aria-pressed={repeat.value !== "off"}
        title={t(`queue.repeat.${repeat.value}`)}
        onClick={press(cycleRepeat)}
      >
        <Mode name={repeat.value === "one" ? "repeatOne" : "repeat"} />
      </button>
    </div>
  );
}

function Mode({ name }: { name: "shuffle" | "repeat" | "repeatOne" }): JSX.Element {
  return <Icon name={name} size={22} />;
}

/** Collect with its price, or what one has already; and the way to what comes next. */
function Foot({
  now,
  leave,
  list,
  toggle,
  close,
}: {
  now: Playing;
  leave: (to: string) => void;
  list: boolean;
  toggle: () => void;
  close: () => void;
}): JSX.Element {
  const label = t(list ? "queue.hide" : "queue.show");
  return (
    <div class="now-foot">
      <LikeButton track={now.track} size={24} />
      <Offer now={now} leave={leave} close={close} />
      <IconButton
        icon="addTo"
        label={t("track.add")}
        press={() => addToPlaylist({ track: now.track, release: now.release, available: true })}
      />
      <button
        type="button"
        class="icon-button now-list"
        aria-label={label}
        aria-pressed={list}
        title={label}
        onClick={toggle}
      >
        <Icon name="queue" size={24} />
      </button>
    </div>
  );
}

function Offer({
  now,
  leave,
  close,
}: {
  now: Playing;
  leave: (to: string) => void;
  close: () => void;
}): JSX.Element | null {
  const { item, drop } = now;
  if (grant.value?.why === "holder") {
    const held = item ? href.item(item) : href.collection();
    return (
      <button type="button" class="button now-offer" onClick={() => leave(held)}>
        {t("play.yours")}
      </button>
    );
  }
  if (!drop) return null;
  const take = () => {
    promptClose();
    close();
    collect(drop);
  };
  return (
    <CollectPrice drop={drop} press={take} see={() => leave(href.drop(drop))} kind="now-offer" />
  );
}
