import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { t } from "../i18n";
import { jump } from "../state/player";
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
import { CoverSet, IconButton } from "./parts";
import { type Change, Changed, Grip, useOrder } from "./sorting";

/** What comes next: played at once, moved by hand or by keys, taken out, cleared, put back. */
export function UpNext(): JSX.Element {
  const [change, setChange] = useState<Change | null>(null);
  const list = upNext.value;
  const undoable = (text: string, act: () => void) => {
    const before = queue.peek();
    act();
    haptic.select();
    setChange({ text, undo: before ? () => putBack(before) : undefined });
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
            class="order-undo"
            onClick={() => undoable(t("queue.cleared"), clearNext)}
          >
            {t("queue.clear")}
          </button>
        )}
      </header>
      <Changed change={change} undo={t("queue.undo")} close={() => setChange(null)} />
      {list.length === 0 ? <p class="soft upnext-empty">{t("queue.empty")}</p> : null}
      <Rows list={list} change={undoable} tell={(text) => setChange({ text })} />
      {repeat.value === "all" && <p class="soft small">{t("queue.again")}</p>}
    </section>
  );
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
  const move = (entry: Entry, to: number) => {
    const place = Math.min(Math.max(0, to), list.length - 1);
    moveNext(entry.key, place);
    haptic.select();
    const title = entry.track.title;
    tell(t("queue.moved", { title, place: place + 1, total: list.length }));
  };
  const order = useOrder(list.length, (id, to) => {
    const entry = list.find((each) => each.key === id);
    if (entry) move(entry, to);
  });
  return (
    <ol class="upnext-list" ref={order.rows}>
      {list.map((entry, at) => {
        const { class: worn, style } = order.row(entry.key, at);
        return (
          <li key={entry.key} class={`upnext-row ${worn}`} style={style}>
            <Row
              entry={entry}
              take={(event) => order.take(event, entry.key, at)}
              step={(by) => move(entry, at + by)}
              remove={() =>
                change(t("queue.removed", { title: entry.track.title }), () =>
                  removeNext(entry.key),
                )
              }
            />
          </li>
        );
      })}
    </ol>
  );
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
      <Grip label={t("queue.move", { title })} take={take} step={step} />
    </>
  );
}
