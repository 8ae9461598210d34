import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { Drop, Supply } from "../api/types";
import { number, t } from "../i18n";
import { second, serverNow, watchSeconds } from "../state/clock";

/** "No. 12 / 500" as typography: the thing that collectors show. */
export function EditionNumber({
  edition,
  of,
  size = "large",
}: {
  edition: number;
  of: number | null;
  size?: "large" | "small" | "huge";
}): JSX.Element {
  const spoken = [t("edition.number", { edition }), of && t("edition.of", { total: of })];
  return (
    <p class={`edition edition-${size}`}>
      <span class="visually-hidden">{spoken.filter(Boolean).join(" ")}</span>
      <span aria-hidden="true">
        <span class="edition-no">{t("edition.number", { edition: number(edition) })}</span>
        {of !== null && <span class="edition-of"> / {number(of)}</span>}
      </span>
    </p>
  );
}

export function supplyWords(supply: Supply): string {
  if (supply.total === null) return t("drop.collected.open", { count: supply.minted });
  return t("drop.collected", { minted: number(supply.minted), total: number(supply.total) });
}

export function SupplyBar({
  supply,
  thin = false,
}: {
  supply: Supply;
  thin?: boolean;
}): JSX.Element {
  const total = supply.total ?? 0;
  const part = total > 0 ? Math.min(1, supply.minted / total) : 0;
  return (
    <div class={`supply ${thin ? "supply-thin" : ""}`}>
      {total > 0 && (
        <div
          class="supply-bar"
          role="progressbar"
          aria-label={t("drop.supply.label")}
          aria-valuemin={0}
          aria-valuemax={total}
          aria-valuenow={supply.minted}
        >
          <div
            class="supply-fill"
            style={{ "--part": String(Math.max(part, supply.minted ? 0.012 : 0)) }}
          />
        </div>
      )}
      {!thin && (
        <p class="supply-words">
          <span>{supplyWords(supply)}</span>
          <span class="soft">
            {supply.left === null ? t("drop.open") : t("drop.left", { count: supply.left })}
          </span>
        </p>
      )}
    </div>
  );
}

interface Span {
  days: number;
  hours: number;
  minutes: number;
  seconds: number;
}

export function span(ms: number): Span {
  const all = Math.max(0, Math.ceil(ms / 1000));
  return {
    days: Math.floor(all / 86_400),
    hours: Math.floor((all % 86_400) / 3600),
    minutes: Math.floor((all % 3600) / 60),
    seconds: all % 60,
  };
}

const two = (value: number) => String(value).padStart(2, "0");

/** Counts on the server's time; calls `onEnd` once when it is reached. */
export function useCountdown(until: string | null, onEnd?: () => void): Span | null {
  useEffect(() => (until ? watchSeconds() : undefined), [until]);
  const target = until ? Date.parse(until) : 0;
  const over = until !== null && serverNow() >= target;
  second.value;
  // The moment itself is the only cause
  useEffect(() => {
    if (over) onEnd?.();
  }, [over]);
  return until && !over ? span(target - serverNow()) : null;
}

export function Countdown({
  label,
  until,
  onEnd,
}: {
  label: string;
  until: string;
  onEnd?: () => void;
}): JSX.Element | null {
  const left = useCountdown(until, onEnd);
  if (!left) return null;
  const cells = (["days", "hours", "minutes", "seconds"] as const).filter(
    (unit) => unit !== "days" || left.days > 0,
  );
  return (
    <div class="countdown" role="timer" aria-label={label}>
      <span class="countdown-label">{label}</span>
      <span class="countdown-cells">
        {cells.map((unit) => (
          <span class="countdown-cell" key={unit}>
            <b>{unit === "days" ? left[unit] : two(left[unit])}</b>
            <small>{t(`time.${unit}`, { count: left[unit] })}</small>
          </span>
        ))}
      </span>
    </div>
  );
}

/** One line for lists: "2 days 04:10:09". */
export function CountdownLine({ until }: { until: string }): JSX.Element | null {
  const left = useCountdown(until);
  if (!left) return null;
  const clock = `${two(left.hours)}:${two(left.minutes)}:${two(left.seconds)}`;
  return (
    <span class="countdown-line">
      {left.days > 0 && `${left.days} ${t("time.days", { count: left.days })} `}
      {clock}
    </span>
  );
}

/** A drop's state by the clock as well: the server's word may be seconds old. */
export function liveState(drop: Drop): Drop["state"] {
  const now = serverNow();
  if (drop.state === "upcoming" && now >= Date.parse(drop.starts_at)) return "live";
  if (drop.state === "live" && drop.ends_at && now >= Date.parse(drop.ends_at)) return "ended";
  return drop.state;
}
