import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { t } from "../i18n";
import { jump } from "../state/player";
import type { Queue } from "../state/queue";
import {
  clearNext,
  type Entry,
  moveNext,
  putBack,
  queue,
  removeNext,
  repeat,
  upNext,
} from "../state/upnext";
import { haptic } from "../telegram";
import { Icon } from "./icons";
import { CoverSet, IconButton } from "./parts";

/** What comes next: played at once, moved by hand or by keys, taken out, cleared, put back. */
export function UpNext(): JSX.Element {
  const [said, setSaid] = useState<{ text: string; before: Queue | null } | null>(null);
  const list = upNext.value;
  const change = (text: string, act: () => void) => {
    const before = queue.peek();
    act();
    haptic.select();
    setSaid({ text, before });
  };
  return (
    <section class="upnext" aria-label={t("queue.title")}>
      <header class="upnext-head">
        <h3>
          {t("queue.title")}
          {list.length > 0 && <small>{t("queue.count", { count: list.length })}</small>}
        </h3>
        {list.length > 0 && (
          <button
            type="button"
            class="upnext-clear"
            onClick={() => change(t("queue.cleared"), clearNext)}
          >
            {t("queue.clear")}
          </button>
        )}
      </header>
      <Said said={said} close={() => setSaid(null)} />
      {list.length === 0 ? <p class="soft upnext-empty">{t("queue.empty")}</p> : null}
      <Rows list={list} change={change} tell={(text) => setSaid({ text, before: null })} />
      {repeat.value === "all" && <p class="soft small">{t("queue.again")}</p>}
    </section>
  );
}

function Said({
  said,
  close,
}: {
  said: { text: string; before: Queue | null } | null;
  close: () => void;
}): JSX.Element {
  const undo = () => {
    if (said?.before) putBack(said.before);
    close();
  };
  return (
    <div class={`upnext-said ${said?.before ? "" : "visually-hidden"}`} role="status">
      {said && <span>{said.text}</span>}
      {said?.before && (
        <button type="button" class="upnext-clear" onClick={undo}>
          {t("queue.undo")}
        </button>
      )}
    </div>
  );
}

/** One is held: which, and where it would be let go. */
interface Held {
  key: number;
  from: number;
  to: number;
  /** Pixels from where it was taken. */
  by: number;
}

function Rows({
  list,
  change,
  tell,
}: {
  list: Entry[];
  change: (text: string, act: () => void) => void;
  tell: (text: string) => void;
}): JSX.Element {
  const [held, setHeld] = useState<Held | null>(null);
  const rows = useRef<HTMLOListElement>(null);
  const move = (entry: Entry, to: number) => {
    const place = Math.min(Math.max(0, to), list.length - 1);
    moveNext(entry.key, place);
    haptic.select();
    const title = entry.track.title;
    tell(t("queue.moved", { title, place: place + 1, total: list.length }));
  };
  const take = (event: PointerEvent, entry: Entry, from: number) => {
    const tall = rows.current?.firstElementChild?.getBoundingClientRect().height ?? 60;
    const start = event.clientY;
    const grip = event.currentTarget as HTMLElement;
    grip.setPointerCapture(event.pointerId);
    const at = (now: PointerEvent): Held => {
      const by = now.clientY - start;
      const to = Math.min(list.length - 1, Math.max(0, from + Math.round(by / tall)));
      return { key: entry.key, from, to, by };
    };
    grip.onpointermove = (now) => setHeld(at(now));
    grip.onpointerup = (now) => {
      end();
      const { to } = at(now);
      if (to !== from) move(entry, to);
    };
    const end = () => {
      grip.onpointermove = null;
      grip.onpointerup = null;
      grip.onpointercancel = null;
      setHeld(null);
    };
    grip.onpointercancel = end;
  };
  return (
    <ol class="upnext-list" ref={rows}>
      {list.map((entry, at) => (
        <li key={entry.key} {...shifted(held, entry.key, at)}>
          <Row
            entry={entry}
            take={(event) => take(event, entry, at)}
            step={(by) => move(entry, at + by)}
            remove={() =>
              change(t("queue.removed", { title: entry.track.title }), () => removeNext(entry.key))
            }
          />
        </li>
      ))}
    </ol>
  );
}

/** The one that is held follows the finger; the others make room. */
function shifted(
  held: Held | null,
  key: number,
  at: number,
): { class: string; style: Record<string, string> } {
  if (!held) return { class: "upnext-row", style: {} };
  if (held.key === key) {
    return { class: "upnext-row upnext-held", style: { "--by": `${held.by}px` } };
  }
  const up = at > held.from && at <= held.to;
  const down = at < held.from && at >= held.to;
  const by = up ? "-100%" : down ? "100%" : "0px";
  return { class: "upnext-row upnext-room", style: { "--by": by } };
}

function Row({
  entry,
  take,
  step,
  remove,
}: {
  entry: Entry;
  take: (event: PointerEvent) => void;
  step: (by: number) => void;
  remove: () => void;
}): JSX.Element {
  const { title } = entry.track;
  const keys = (event: KeyboardEvent) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    step(by);
    // The row moved in the list: the focus goes with it.
    const grip = event.currentTarget as HTMLElement;
    requestAnimationFrame(() => grip.focus());
  };
  return (
    <>
      <button type="button" class="upnext-play" onClick={() => jump(entry.key)}>
        <CoverSet url={entry.release.cover.url} sizes="44px">
          <img
            class="cover mini-cover"
            src={entry.release.cover.url}
            alt=""
            width={44}
            height={44}
            loading="lazy"
          />
        </CoverSet>
        <span class="list-main">
          <b>
            <span class="visually-hidden">{t("queue.play", { title: "" })}</span>
            {title}
          </b>
          <small class="soft">{entry.release.artist.name}</small>
        </span>
      </button>
      <IconButton
        icon="close"
        size={18}
        label={t("queue.remove", { title })}
        press={remove}
        kind="upnext-out"
      />
      <button
        type="button"
        class="icon-button upnext-grip"
        aria-label={t("queue.move", { title })}
        title={t("queue.move", { title })}
        onPointerDown={take}
        onKeyDown={keys}
      >
        <Icon name="grip" size={20} />
      </button>
    </>
  );
}
