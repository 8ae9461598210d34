import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../api";
import { asProblem } from "../api/problem";
import type { Leaders } from "../api/types";
import { t } from "../i18n";
import { put, useQuery } from "../state/query";
import { href } from "../state/router";
import { useLight } from "../ui/light";
import { explain, Failure, Invitation, Skeleton } from "../ui/parts";
import { say } from "../ui/toast";
import { LeaderList, type Of } from "./leadersblock";

const PAGE = 50;
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Who holds most of a drop, or of an artist. */
export function LeadersScreen({ of }: { of: string }): JSX.Element {
  const drop = ID.test(of);
  const who: Of = drop ? { drop: of } : { artist: of };
  const [busy, setBusy] = useState(false);
  const { data, problem, retry } = useQuery<Leaders>(`leaders:${of}`, () =>
    api.collectors(who, PAGE),
  );
  useLight(null);
  if (!data) {
    if (problem) return <Failure problem={problem} retry={retry} />;
    return <Skeleton shapes={["title", "row", "row", "row"]} />;
  }
  const back = drop ? href.drop(of) : href.artist(of);
  if (data.results.length === 0) {
    return (
      <Invitation title={t("leaders.empty.title")} text={t("leaders.empty")} alone>
        <a class="button" href={back}>
          {t("play.drop")}
        </a>
      </Invitation>
    );
  }
  const more = async () => {
    setBusy(true);
    try {
      const page = await api.collectors(who, PAGE, data.next);
      put<Leaders>(
        `leaders:${of}`,
        (known) => known && { ...page, results: [...known.results, ...page.results] },
      );
    } catch (error) {
      say(explain(asProblem(error)));
    }
    setBusy(false);
  };
  return (
    <div class="narrow">
      <header class="page-head">
        <h1 class="title">{t("leaders.title")}</h1>
        <p class="soft">{t("leaders.all", { count: data.collectors })}</p>
      </header>
      <Title of={of} drop={drop} />
      <LeaderList leaders={data.results} />
      {data.next && (
        <button type="button" class="button more" disabled={busy} onClick={() => void more()}>
          {t("common.more")}
        </button>
      )}
      <p class="soft small leaders-note">{t("leaders.note")}</p>
    </div>
  );
}

function Title({ of, drop }: { of: string; drop: boolean }): JSX.Element | null {
  const found = useQuery(drop ? `drop:${of}` : null, () => api.drop(of));
  const artist = useQuery(drop ? null : `artist:${of}`, () => api.artist(of));
  const name = drop ? found.data?.release.title : artist.data?.name;
  if (!name) return null;
  return (
    <p class="leaders-of">
      <a href={drop ? href.drop(of) : href.artist(of)}>{name}</a>
    </p>
  );
}
