import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import type { Playlist, PlaylistEntry } from "../api/types";
import { t } from "../i18n";
import { moveEntry, takeOut } from "../state/playlist";
import { haptic } from "../telegram";
import { Icon } from "../ui/icons";
import { IconButton } from "../ui/parts";
import { TrackLine } from "../ui/placed";

/** One is held: which, where it lay, where it would be let go, and how far it was drawn. */
interface Held {
  id: string;
  from: number;
  to: number;
  by: number;
}

/** The list while its order is changed: by hand, by keys; taken out, and put back. */
export function Sorting({
  of,
  playlist,
  done,
}: {
  of: string;
  playlist: Playlist;
  done: () => void;
}): JSX.Element {
  const [held, setHeld] = useState<Held | null>(null);
  const [said, setSaid] = useState<{ text: string; undo?: () => void } | null>(null);
  const rows = useRef<HTMLOListElement>(null);
  const list = playlist.entries;
  const move = (entry: PlaylistEntry, to: number) => {
    const place = Math.min(Math.max(0, to), list.length - 1);
    moveEntry(of, playlist, entry.id, place);
    const title = entry.track.title;
    setSaid({ text: t("playlist.moved", { title, place: place + 1, total: list.length }) });
  };
  const out = (entry: PlaylistEntry) => {
    const undo = takeOut(of, playlist, entry);
    haptic.select();
    setSaid({ text: t("playlist.removed", { title: entry.track.title }), undo });
  };
  const take = (event: PointerEvent, entry: PlaylistEntry, from: number) => {
    const tall = rows.current?.firstElementChild?.getBoundingClientRect().height ?? 64;
    const grip = event.currentTarget as HTMLElement;
    const start = event.clientY + scrollY;
    grip.setPointerCapture(event.pointerId);
    const at = (now: PointerEvent): Held => {
      const by = now.clientY + scrollY - start;
      const to = Math.min(list.length - 1, Math.max(0, from + Math.round(by / tall)));
      return { id: entry.id, from, to, by };
    };
    const end = () => {
      grip.onpointermove = null;
      grip.onpointerup = null;
      grip.onpointercancel = null;
      setHeld(null);
    };
    grip.onpointermove = (now) => {
      follow(now.clientY);
      setHeld(at(now));
    };
    grip.onpointerup = (now) => {
      end();
      const { to } = at(now);
      if (to !== from) move(entry, to);
    };
    grip.onpointercancel = end;
  };
  return (
    <>
      <div class="line-head">
        <Said said={said} close={() => setSaid(null)} />
        <button type="button" class="button button-small" onClick={done}>
          <Icon name="check" size={16} />
          {t("playlist.edit.done")}
        </button>
      </div>
      <ol class="lines" ref={rows}>
        {list.map((entry, at) => (
          <li key={entry.id} {...shifted(held, entry.id, at)}>
            <TrackLine placed={entry} list={list}>
              <IconButton
                icon="minus"
                size={20}
                label={t("playlist.take", { title: entry.track.title })}
                press={() => out(entry)}
                kind="line-out"
              />
              <Grip
                title={entry.track.title}
                take={(event) => take(event, entry, at)}
                step={(by) => move(entry, at + by)}
              />
            </TrackLine>
          </li>
        ))}
      </ol>
    </>
  );
}

/** Near the edge of the window the page comes along. */
function follow(y: number): void {
  const edge = 96;
  if (y < edge) scrollBy(0, -12);
  if (y > innerHeight - edge) scrollBy(0, 12);
}

function Said({
  said,
  close,
}: {
  said: { text: string; undo?: () => void } | null;
  close: () => void;
}): JSX.Element {
  return (
    <div class={`line-said ${said?.undo ? "" : "visually-hidden"}`} role="status">
      {said && <span>{said.text}</span>}
      {said?.undo && (
        <button
          type="button"
          class="line-undo"
          onClick={() => {
            said.undo?.();
            close();
          }}
        >
          {t("playlist.undo")}
        </button>
      )}
    </div>
  );
}

function Grip({
  title,
  take,
  step,
}: {
  title: string;
  take: (event: PointerEvent) => void;
  step: (by: number) => void;
}): JSX.Element {
  const keys = (event: KeyboardEvent) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    step(by);
    // The row moved in the list: the focus goes with it.
    const grip = event.currentTarget as HTMLElement;
    requestAnimationFrame(() => grip.focus());
  };
  const label = t("playlist.move", { title });
  return (
    <button
      type="button"
      class="icon-button line-grip"
      aria-label={label}
      title={label}
      onPointerDown={take}
      onKeyDown={keys}
    >
      <Icon name="grip" size={20} />
    </button>
  );
}

/** The one that is held follows the finger; the others make room. */
function shifted(
  held: Held | null,
  id: string,
  at: number,
): { class: string; style: Record<string, string> } {
  if (!held) return { class: "", style: {} };
  if (held.id === id) return { class: "line-held", style: { "--by": `${held.by}px` } };
  const up = at > held.from && at <= held.to;
  const down = at < held.from && at >= held.to;
  return { class: "line-room", style: { "--by": up ? "-100%" : down ? "100%" : "0px" } };
}
