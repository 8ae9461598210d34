import type { JSX, RefObject } from "preact";
import { useRef, useState } from "preact/hooks";
import { Icon } from "./icons";

type Id = string | number;

/** One is held: which, where it lay, where it would be let go, and pixels from where it was. */
interface Held {
  id: Id;
  from: number;
  to: number;
  by: number;
}

export interface Order {
  /** Of the list itself: its rows are measured by their first. */
  rows: RefObject<HTMLOListElement | null>;
  take: (event: PointerEvent, id: Id, from: number) => void;
  /** What a row wears while one is held: that one follows the finger, the others make room. */
  row: (id: Id, at: number) => { class: string; style: Record<string, string> };
}

/** A list of `count` rows whose order is changed by hand. page: it scrolls with the window. */
export function useOrder(
  count: number,
  move: (id: Id, to: number) => void,
  { page = false } = {},
): Order {
  const [held, setHeld] = useState<Held | null>(null);
  const rows = useRef<HTMLOListElement>(null);
  const height = (event: PointerEvent) => event.clientY + (page ? scrollY : 0);
  const take = (event: PointerEvent, id: Id, from: number) => {
    const tall = rows.current?.firstElementChild?.getBoundingClientRect().height ?? 64;
    const grip = event.currentTarget as HTMLElement;
    const start = height(event);
    grip.setPointerCapture(event.pointerId);
    const at = (now: PointerEvent): Held => {
      const by = height(now) - start;
      const to = Math.min(count - 1, Math.max(0, from + Math.round(by / tall)));
      return { id, from, to, by };
    };
    const end = () => {
      grip.onpointermove = null;
      grip.onpointerup = null;
      grip.onpointercancel = null;
      setHeld(null);
    };
    grip.onpointermove = (now) => {
      if (page) follow(now.clientY);
      setHeld(at(now));
    };
    grip.onpointerup = (now) => {
      end();
      const { to } = at(now);
      if (to !== from) move(id, to);
    };
    grip.onpointercancel = end;
  };
  return { rows, take, row: (id, at) => worn(held, id, at) };
}

/** Near the edge of the window the page comes along. */
function follow(y: number): void {
  const edge = 96;
  if (y < edge) scrollBy(0, -12);
  if (y > innerHeight - edge) scrollBy(0, 12);
}

function worn(held: Held | null, id: Id, at: number): ReturnType<Order["row"]> {
  if (!held) return { class: "", style: {} };
  if (held.id === id) return { class: "order-held", style: { "--by": `${held.by}px` } };
  const up = at > held.from && at <= held.to;
  const down = at < held.from && at >= held.to;
  return { class: "order-room", style: { "--by": up ? "-100%" : down ? "100%" : "0px" } };
}

/** What a row is taken by, with a finger or with the arrow keys. */
export function Grip({
  label,
  take,
  step,
}: {
  label: string;
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
  return (
    <button
      type="button"
      class="icon-button order-grip"
      aria-label={label}
      title={label}
      onPointerDown={take}
      onKeyDown={keys}
    >
      <Icon name="grip" size={20} />
    </button>
  );
}

export interface Change {
  text: string;
  /** Takes it back; without one it is told to screen readers alone. */
  undo?: (() => void) | undefined;
}

/** What was just changed in the list. */
export function Changed({
  change,
  undo,
  close,
}: {
  change: Change | null;
  /** The word on the button. */
  undo: string;
  close: () => void;
}): JSX.Element {
  return (
    <div class={`order-said ${change?.undo ? "" : "visually-hidden"}`} role="status">
      {change && <span>{change.text}</span>}
      {change?.undo && (
        <button
          type="button"
          class="order-undo"
          onClick={() => {
            change.undo?.();
            close();
          }}
        >
          {undo}
        </button>
      )}
    </div>
  );
}
