import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../api";
import { asProblem } from "../api/problem";
import { signedIn, signOut } from "../api/session";
import type { Erasure, Obstacle } from "../api/types";
import { type Key, t } from "../i18n";
import { preferences } from "../state/preferences";
import { useQuery } from "../state/query";
import { go, href } from "../state/router";
import { haptic, saveFile } from "../telegram";
import { Icon } from "../ui/icons";
import { useLight } from "../ui/light";
import { explain, Failure, Invitation, Skeleton } from "../ui/parts";
import { Group, SwitchRow } from "../ui/settings";
import { Sheet } from "../ui/sheet";
import { say } from "../ui/toast";
import { choose } from "./settings";

const KEPT: Key[] = [
  "privacy.keep.telegram",
  "privacy.keep.wallets",
  "privacy.keep.orders",
  "privacy.keep.listening",
];

export function Privacy(): JSX.Element {
  useLight(null);
  const [leaving, setLeaving] = useState(false);
  if (signedIn.value === "guest") {
    return <Invitation title={t("privacy.title")} text={t("privacy.guest")} />;
  }
  return (
    <div class="narrow">
      <h1 class="title page-head">{t("privacy.title")}</h1>
      <div class="list-framed list">
        <SwitchRow
          label={t("privacy.shown")}
          text={t("privacy.shown.text")}
          on={preferences.value.shown ?? true}
          turn={(shown) => choose({ shown })}
        />
      </div>
      <Group title={t("privacy.keep")}>
        <ul class="points">
          {KEPT.map((key) => (
            <li key={key}>{t(key)}</li>
          ))}
        </ul>
        <p class="soft small group-text">{t("privacy.keep.never")}</p>
      </Group>
      <Group title={t("privacy.export")} text={t("privacy.export.text")}>
        <Export />
      </Group>
      <section class="block">
        <button type="button" class="button button-bad wide" onClick={() => setLeaving(true)}>
          {t("privacy.delete")}
        </button>
        <p class="soft small group-text">{t("privacy.delete.text")}</p>
      </section>
      {leaving && <Leave close={() => setLeaving(false)} />}
    </div>
  );
}

function Export(): JSX.Element {
  const [busy, setBusy] = useState(false);
  const prepare = async () => {
    setBusy(true);
    try {
      const made = await api.exportData();
      saveFile(new URL(made.url).pathname, made.file_name);
      haptic.success();
    } catch (error) {
      say(explain(asProblem(error)));
    }
    setBusy(false);
  };
  return (
    <button type="button" class="button wide export" disabled={busy} onClick={() => void prepare()}>
      <Icon name="save" size={20} />
      {t(busy ? "privacy.export.busy" : "privacy.export.action")}
    </button>
  );
}

/** First what happens and what is open, then a word to type, then it is done. */
function Leave({ close }: { close: () => void }): JSX.Element {
  const { data, problem, retry } = useQuery<Erasure>("erasure", api.erasure);
  return (
    <Sheet title={t("privacy.delete")} close={close}>
      {!data && problem && <Failure problem={problem} retry={retry} />}
      {!data && !problem && <Skeleton shapes={["line", "line", "line", "button"]} />}
      {data && (
        <>
          <ul class="points">
            <li>{t("privacy.delete.gone")}</li>
            <li>{t("privacy.delete.stays")}</li>
            <li>{t("privacy.delete.editions")}</li>
            <li>{t("privacy.delete.crumbs")}</li>
            <li>{t("privacy.delete.back")}</li>
          </ul>
          {data.obstacles.length > 0 ? (
            <Obstacles rows={data.obstacles} />
          ) : (
            <Confirm refused={() => void retry()} />
          )}
        </>
      )}
    </Sheet>
  );
}

function Obstacles({ rows }: { rows: Obstacle[] }): JSX.Element {
  return (
    <div class="notice" role="status">
      <b>{t("privacy.delete.first")}</b>
      <ul class="obstacles">
        {rows.map((row) => (
          <li key={row.code}>
            {words(row)}{" "}
            {row.link && (
              <a class="link" href={row.link}>
                {t("privacy.delete.settle")}
              </a>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

const OBSTACLES: Record<string, Key> = {
  open_order: "privacy.delete.open_order",
  open_claim: "privacy.delete.open_claim",
  open_refund: "privacy.delete.open_refund",
  payout_due: "privacy.delete.payout_due",
  artist_page: "privacy.delete.artist_page",
  open_split: "privacy.delete.open_split",
  staff: "privacy.delete.staff",
};

function words(row: Obstacle): string {
  const known = OBSTACLES[row.code];
  return known ? t(known, { count: row.count }) : row.detail;
}

function Confirm({ refused }: { refused: () => void }): JSX.Element {
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const word = t("privacy.delete.word");
  const erase = async () => {
    setBusy(true);
    try {
      await api.erase();
      haptic.success();
      await signOut();
      go(href.home());
      say(t("privacy.delete.done"));
    } catch (error) {
      const problem = asProblem(error);
      if (problem.code === "account_open") refused();
      else setTrouble(explain(problem));
      setBusy(false);
    }
  };
  return (
    <form
      class="confirm"
      onSubmit={(event) => {
        event.preventDefault();
        void erase();
      }}
    >
      <label class="form-field">
        <span>{t("privacy.delete.type", { word })}</span>
        <input
          class="input"
          value={typed}
          autocomplete="off"
          autocapitalize="characters"
          spellcheck={false}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </label>
      {trouble && (
        <p class="notice notice-bad" role="alert">
          {trouble}
        </p>
      )}
      <button
        type="submit"
        class="button button-bad wide"
        disabled={busy || typed.trim().toUpperCase() !== word}
      >
        {t("privacy.delete.action")}
      </button>
    </form>
  );
}
