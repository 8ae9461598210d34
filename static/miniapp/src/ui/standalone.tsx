import type { ComponentChildren, JSX } from "preact";
import type { Release } from "../api/types";
import { href } from "../state/router";
import { Artist, Cover } from "./parts";

/** A page about music on its own: its cover, what it is, by whom, what may be done with it. */
export function Standalone({
  release,
  drop,
  eyebrow,
  title,
  acts,
  children,
}: {
  release: Release;
  drop: { id: string } | null;
  eyebrow: ComponentChildren;
  title: string;
  acts: ComponentChildren;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <article class="drop">
      <div class="drop-cover">
        <Cover release={release} name={drop?.id ?? release.id} eager />
      </div>
      <div class="drop-words">
        <header class="drop-head">
          <p class="eyebrow">{eyebrow}</p>
          <h1 class="title title-drop">{title}</h1>
          <p class="by">
            <a href={href.artist(release.artist.slug)}>
              <Artist release={release} />
            </a>
          </p>
          <div class="head-acts">{acts}</div>
        </header>
        {children}
      </div>
    </article>
  );
}
