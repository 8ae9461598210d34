import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../api";
import { asProblem } from "../api/problem";
import { signedIn } from "../api/session";
import type { Page, SignedInPlace } from "../api/types";
import { ago, date, t } from "../i18n";
import { put, useQuery } from "../state/query";
import { haptic } from "../telegram";
import { Confirm } from "../ui/confirm";
import { useLight } from "../ui/light";
import { explain, Failure, Invitation, Skeleton } from "../ui/parts";
import { say } from "../ui/toast";

const KEY = "sessions";

export function Sessions(): JSX.Element {
  useLight(null);
  const guest = signedIn.value === "guest";
  const { data, problem, retry } = useQuery(guest ? null : KEY, api.sessions);
  const [asking, setAsking] = useState(false);
  if (guest) return <Invitation title={t("sessions.title")} text={t("privacy.guest")} alone />;
  if (!data) {
    if (problem) return <Failure problem={problem} retry={retry} />;
    return <Skeleton shapes={["title", "row", "row"]} />;
  }
  const others = data.results.filter((row) => !row.here);
  const end = async (row: SignedInPlace) => {
    put<Page<SignedInPlace>>(KEY, (known) => without(known, row.id));
    try {
      await api.endSession(row.id);
      haptic.success();
      say(t("sessions.ended"));
    } catch (error) {
      say(explain(asProblem(error)));
      await retry();
    }
  };
  return (
    <div class="narrow">
      <h1 class="title page-head">{t("sessions.title")}</h1>
      <ul class="list list-framed list-roomy">
        {[...data.results.filter((row) => row.here), ...others].map((row) => (
          <li key={row.id} class="list-row">
            <span class="list-main">
              <b>{row.device || t("sessions.unknown")}</b>
              <small class="soft">{about(row)}</small>
            </span>
            {row.here ? (
              <span class="tag">{t("sessions.here")}</span>
            ) : (
              <button
                type="button"
                class="button button-small"
                aria-label={`${t("sessions.end")}: ${row.device}`}
                onClick={() => void end(row)}
              >
                {t("sessions.end")}
              </button>
            )}
          </li>
        ))}
      </ul>
      {others.length === 0 ? (
        <p class="soft small group-text">{t("sessions.only")}</p>
      ) : (
        <button type="button" class="button button-bad wide" onClick={() => setAsking(true)}>
          {t("sessions.end.others")}
        </button>
      )}
      {asking && (
        <Confirm
          title={t("sessions.end.others")}
          act={async () => {
            await api.endOtherSessions();
            haptic.success();
            say(t("sessions.ended"));
          }}
          close={() => {
            setAsking(false);
            void retry();
          }}
        >
          <p>{t("sessions.end.ask")}</p>
        </Confirm>
      )}
    </div>
  );
}

function without(known: Page<SignedInPlace> | null, session: string): Page<SignedInPlace> | null {
  return known && { ...known, results: known.results.filter((row) => row.id !== session) };
}

function about(row: SignedInPlace): string {
  const where = t(row.context === "telegram" ? "sessions.telegram" : "sessions.web");
  const since = t("sessions.since", { where, date: date(row.created_at ?? "") });
  return row.refreshed_at
    ? `${since} · ${t("sessions.used", { ago: ago(row.refreshed_at) })}`
    : since;
}
