import type { ComponentChildren, JSX } from "preact";
import type { Drop } from "../api/types";
import { t } from "../i18n";
import { lit } from "../state/colours";
import { price } from "../state/money";
import { href } from "../state/router";
import { liveState, SupplyBar, supplyWords } from "./edition";
import { Artist, Cover } from "./parts";

/** A titled part of a page, with a way to all of it where there is more. */
export function Block({
  title,
  all,
  children,
}: {
  title: string;
  all?: string;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <section class="block" aria-label={title}>
      <div class="block-head">
        <h2 class="subtitle">{title}</h2>
        {all && (
          <a class="block-all" href={all} aria-label={`${t("home.all")}: ${title}`}>
            {t("home.all")}
          </a>
        )}
      </div>
      {children}
    </section>
  );
}

/** Covers side by side, more of them to the right. */
export function Rail({
  title,
  drops,
  all,
}: {
  title: string;
  drops: Drop[];
  all?: string;
}): JSX.Element {
  return (
    <Block title={title} {...(all && { all })}>
      <ul class="rail">
        {drops.map((drop) => (
          <li key={drop.id}>
            <DropCard drop={drop} />
          </li>
        ))}
      </ul>
    </Block>
  );
}

/** All of them, as a grid. */
export function Shelf({ title, drops }: { title: string; drops: Drop[] }): JSX.Element {
  return (
    <Block title={title}>
      <ul class="shelf">
        {drops.map((drop) => (
          <li key={drop.id}>
            <DropCard drop={drop} />
          </li>
        ))}
      </ul>
    </Block>
  );
}

export function DropCard({ drop }: { drop: Drop }): JSX.Element {
  const state = liveState(drop);
  const over = state === "sold_out" || state === "ended";
  return (
    <a
      class={`card lit ${over ? "card-over" : ""}`}
      href={href.drop(drop.id)}
      style={lit(drop.release.colours)}
    >
      <Cover release={drop.release} name={drop.id} sizes="50vw" />
      <span class="card-words">
        <b class="card-title">{drop.release.title}</b>
        <small class="soft card-by">
          <Artist release={drop.release} />
        </small>
        {!over && <SupplyBar supply={drop.supply} thin />}
        <small class="card-foot">
          <span>
            {over ? t(`drop.${state}`) : state === "paused" ? t("drop.paused") : price(drop.price)}
          </span>
          <span class="soft">{remains(drop, over)}</span>
        </small>
      </span>
    </a>
  );
}

function remains({ supply }: Drop, over: boolean): string {
  if (supply.total === null) return t("drop.open");
  if (over || supply.left === null) return supplyWords(supply);
  return t("drop.left", { count: supply.left });
}
