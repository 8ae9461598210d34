import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { library } from "../api/library";
import { asProblem } from "../api/problem";
import { signedIn } from "../api/session";
import { t } from "../i18n";
import { forgetQueries, put, useQuery } from "../state/query";
import { go, href } from "../state/router";
import { appLink, haptic } from "../telegram";
import { useLight } from "../ui/light";
import { Mosaic } from "../ui/mosaic";
import { explain, Failure, Invitation, Skeleton } from "../ui/parts";
import { PrimaryAction } from "../ui/primary";
import { say } from "../ui/toast";

/** Where an invitation's link leads: what it is, from whom, and one thing to do. */
export function JoinScreen({ of: token }: { of: string }): JSX.Element {
  useLight(null);
  const { data, problem, retry } = useQuery(`join:${token}`, () => library.invited(token));
  const [busy, setBusy] = useState(false);
  if (!data) {
    if (problem?.status === 404) {
      return (
        <Invitation title={t("join.over.title")} text={t("join.over")} alone>
          <a class="button" href={href.home()}>
            {t("error.home")}
          </a>
        </Invitation>
      );
    }
    if (problem) return <Failure problem={problem} retry={() => void retry()} />;
    return <Skeleton shapes={["cover-small", "title", "line-short", "button"]} />;
  }
  const open = () => go(href.playlist(data.playlist), true);
  const join = async () => {
    setBusy(true);
    try {
      const joined = await library.join(token);
      put(`playlist:${joined.id}`, () => joined);
      forgetQueries("playlists");
      haptic.success();
      say(t("join.done"));
      open();
    } catch (error) {
      haptic.error();
      say(explain(asProblem(error)));
      setBusy(false);
    }
  };
  const why = data.owner ? `join.${data.role}` : "join.nobody";
  return (
    <section class="join">
      <Mosaic covers={data.covers} sizes="220px" />
      <p class="soft">{t(why as "join.editor", { owner: data.owner })}</p>
      <h1 class="title">{data.title}</h1>
      <p class="soft small">{t("playlist.tracks", { count: data.tracks })}</p>
      {signedIn.value === "guest" ? (
        <Guest token={token} />
      ) : (
        <PrimaryAction
          action={
            data.joined
              ? { label: t("join.open"), press: open }
              : { label: t("join.action"), press: () => void join(), busy }
          }
        />
      )}
    </section>
  );
}

function Guest({ token }: { token: string }): JSX.Element {
  const link = appLink(`j${token}`);
  return (
    <>
      <p class="prose">{t("signin.text")}</p>
      {link && (
        <a class="primary" href={link}>
          {t("profile.open")}
        </a>
      )}
    </>
  );
}
