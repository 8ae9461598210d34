import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../api";
import { asProblem } from "../api/problem";
import { signedIn } from "../api/session";
import type { Notices } from "../api/types";
import { config } from "../config";
import { type Key, t } from "../i18n";
import {
  askToWrite,
  canAsk,
  clock,
  minutes,
  NOTICES,
  setQuiet,
  switchKind,
  zoneHere,
} from "../state/notices";
import { useQuery } from "../state/query";
import { appLink, haptic, telegram } from "../telegram";
import { Icon } from "../ui/icons";
import { useLight } from "../ui/light";
import { explain, Failure, Invitation, Skeleton } from "../ui/parts";
import { say } from "../ui/toast";

const KINDS = ["drop", "sold_out", "gift", "moved", "sale", "payout", "payment"] as const;
type Known = (typeof KINDS)[number];
const NIGHT = { starts: 22 * 60, ends: 9 * 60 };

/** What the bot tells, when it rests, and whether it may write at all. */
export function Notifications(): JSX.Element {
  useLight(null);
  const who = signedIn.value;
  const notices = useQuery<Notices>(who === "yes" ? NOTICES : null, api.notices);
  if (who === "guest") return <Guest />;
  if (!notices.data) {
    if (notices.problem) return <Failure problem={notices.problem} retry={notices.retry} />;
    return <Skeleton shapes={["title", "line", "button", "line", "line", "line", "line"]} />;
  }
  const known = notices.data;
  return (
    <div class="narrow notices">
      <h1 class="title">{t("notices.title")}</h1>
      <p class="soft">{t("notices.lead")}</p>
      <Access known={known} />
      <section class="block">
        <h2 class="subtitle">{t("notices.kinds")}</h2>
        <ul class="list list-framed">
          {KINDS.map((kind) => {
            const one = known.kinds.find((each) => each.kind === kind);
            return one ? <Kind key={kind} kind={kind} on={one.on} fixed={one.required} /> : null;
          })}
        </ul>
        <p class="soft small">{t("notices.stop")}</p>
      </section>
      <Quiet known={known.quiet} />
    </div>
  );
}

function Guest(): JSX.Element {
  const link = appLink();
  return (
    <Invitation title={t("notices.guest")} text={t("notices.guest.text")}>
      {link && (
        <a class="button" href={link}>
          {t("profile.open")}
        </a>
      )}
    </Invitation>
  );
}

const wrong = (error: unknown) => {
  haptic.error();
  say(explain(asProblem(error)));
};

function Access({ known }: { known: Notices }): JSX.Element {
  const [busy, setBusy] = useState(false);
  const { access } = known;
  const ask = () => {
    setBusy(true);
    askToWrite(known)
      .catch(wrong)
      .finally(() => setBusy(false));
  };
  if (access === "allowed") {
    return (
      <p class="notice notice-good access" role="status">
        <Icon name="check" size={20} />
        <span>{t("notices.access.allowed")}</span>
      </p>
    );
  }
  return (
    <div class="notice access" role="status">
      <Icon name="bell" size={20} />
      <div>
        <b>{t(`notices.access.${access}`)}</b>
        <p class="small">{t(`notices.access.${access}.text`)}</p>
        {access !== "blocked" && canAsk() ? (
          <button type="button" class="button button-small" disabled={busy} onClick={ask}>
            {t("notices.allow")}
          </button>
        ) : (
          <Chat />
        )}
      </div>
    </div>
  );
}

/** The chat with the bot, where Start lets it write. */
function Chat(): JSX.Element | null {
  if (!config.bot.username) return null;
  const url = `https://t.me/${config.bot.username}`;
  const open = (event: Event) => {
    if (!telegram.value) return;
    event.preventDefault();
    telegram.value.openTelegramLink(url);
  };
  return (
    <a class="button button-small" href={url} target="_blank" rel="noopener" onClick={open}>
      {t("notices.chat")}
    </a>
  );
}

function Kind({ kind, on, fixed }: { kind: Known; on: boolean; fixed: boolean }): JSX.Element {
  const name: Key = `notices.${kind}`;
  const change = (wanted: boolean) => {
    haptic.select();
    switchKind(kind, wanted).catch(wrong);
  };
  return (
    <li>
      <label class="list-row list-row-choice">
        <span class="list-main">
          {t(name)}
          <small class="soft">{t(`notices.${kind}.text`)}</small>
        </span>
        <input
          type="checkbox"
          class="switch"
          checked={on}
          disabled={fixed}
          onChange={(event) => change(event.currentTarget.checked)}
        />
      </label>
    </li>
  );
}

function Quiet({ known }: { known: Notices["quiet"] }): JSX.Element {
  const change = (quiet: Notices["quiet"]) => {
    haptic.select();
    setQuiet(quiet).catch(wrong);
  };
  const zone = zoneHere();
  return (
    <section class="block">
      <h2 class="subtitle">{t("notices.quiet")}</h2>
      <ul class="list list-framed">
        <li>
          <label class="list-row list-row-choice">
            <span class="list-main">
              {t("notices.quiet.on")}
              <small class="soft">{t("notices.quiet.text")}</small>
            </span>
            <input
              type="checkbox"
              class="switch"
              checked={known !== null}
              onChange={(event) =>
                change(event.currentTarget.checked ? { ...NIGHT, time_zone: zone } : null)
              }
            />
          </label>
        </li>
        {known && (
          <>
            <Time label="notices.quiet.from" of="starts" known={known} change={change} />
            <Time label="notices.quiet.to" of="ends" known={known} change={change} />
          </>
        )}
      </ul>
      {known && (
        <p class="soft small">{t("notices.quiet.zone", { zone: place(known.time_zone) })}</p>
      )}
      {known && known.time_zone !== zone && (
        <button
          type="button"
          class="button button-small"
          onClick={() => change({ ...known, time_zone: zone })}
        >
          {t("notices.quiet.here", { zone: place(zone) })}
        </button>
      )}
    </section>
  );
}

/** "Europe/Moscow" as people write it. */
const place = (zone: string) => zone.replaceAll("_", " ");

function Time({
  label,
  of,
  known,
  change,
}: {
  label: Key;
  of: "starts" | "ends";
  known: NonNullable<Notices["quiet"]>;
  change: (quiet: Notices["quiet"]) => void;
}): JSX.Element {
  const set = (text: string) => {
    const at = minutes(text);
    if (at === null || at === known[of]) return;
    const fresh = { ...known, [of]: at };
    if (fresh.starts === fresh.ends) say(t("notices.quiet.same"));
    else change(fresh);
  };
  return (
    <li>
      <label class="list-row">
        <span class="list-main">{t(label)}</span>
        <input
          type="time"
          class="input input-time"
          value={clock(known[of])}
          onChange={(event) => set(event.currentTarget.value)}
        />
      </label>
    </li>
  );
}
