import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { api } from "../api";
import { t } from "../i18n";
import { watchSeconds } from "../state/clock";
import { useQuery } from "../state/query";
import { href } from "../state/router";
import { useLight } from "../ui/light";
import { Artist, Cover, Failure, Skeleton } from "../ui/parts";
import { ShareButton } from "../ui/share";
import { Sale } from "./track";
import { Tracks } from "./tracks";

/** Music under one cover, whether it is for sale yet or not. */
export function ReleaseScreen({ of: id }: { of: string }): JSX.Element {
  const { data: release, problem, retry } = useQuery(`release:${id}`, () => api.release(id));
  useLight(release?.colours);
  useEffect(() => watchSeconds(), []);
  if (!release) {
    if (problem) return <Failure problem={problem} retry={retry} />;
    return <Skeleton shapes={["cover", "title", "line-short", "bar", "button", "line", "line"]} />;
  }
  const { drop } = release;
  return (
    <article class="drop">
      <div class="drop-cover">
        <Cover release={release} name={drop?.id ?? release.id} eager />
      </div>
      <div class="drop-words">
        <header class="drop-head">
          <p class="eyebrow">
            {t("release.kind")}
            {release.genre && <span class="soft"> · {release.genre}</span>}
          </p>
          <h1 class="title title-drop">{release.title}</h1>
          <p class="by">
            <a href={href.artist(release.artist.slug)}>
              <Artist release={release} />
            </a>
          </p>
          <div class="head-acts">
            <ShareButton
              what="release"
              id={release.id}
              words={`${release.title}, ${release.artist.name}`}
            />
          </div>
        </header>
        <Sale drop={drop} />
        <Tracks release={release} drop={drop?.id ?? ""} />
        {release.description && (
          <section class="block">
            <h2 class="subtitle">{t("drop.about")}</h2>
            <p class="prose">{release.description}</p>
          </section>
        )}
      </div>
    </article>
  );
}
