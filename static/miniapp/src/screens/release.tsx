import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { api } from "../api";
import { t } from "../i18n";
import { watchSeconds } from "../state/clock";
import { useQuery } from "../state/query";
import { useLight } from "../ui/light";
import { Failure, Skeleton } from "../ui/parts";
import { ShareButton } from "../ui/share";
import { Standalone } from "../ui/standalone";
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
    <Standalone
      release={release}
      drop={drop}
      eyebrow={
        <>
          {t("release.kind")}
          {release.genre && <span class="soft"> · {release.genre}</span>}
        </>
      }
      title={release.title}
      acts={
        <ShareButton
          what="release"
          id={release.id}
          words={`${release.title}, ${release.artist.name}`}
        />
      }
    >
      <Sale drop={drop} />
      <Tracks release={release} drop={drop?.id ?? ""} />
      {release.description && (
        <section class="block">
          <h2 class="subtitle">{t("drop.about")}</h2>
          <p class="prose">{release.description}</p>
        </section>
      )}
    </Standalone>
  );
}
