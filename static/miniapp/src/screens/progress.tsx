import type { JSX } from "preact";
import type { Order } from "../api/types";
import { t } from "../i18n";
import { second } from "../state/clock";
import type { Signing } from "../state/purchase";
import { Icon } from "../ui/icons";

/** Local clock, ms; null where this page did not see it happen. */
export interface Moments {
  signed: number | null;
  chain: number | null;
  yours: number | null;
}

export type Standing = "done" | "now" | "later";

export function stages(order: Order, signed: Signing | undefined): Standing[] {
  if (order.state === "fulfilled") return ["done", "done", "done"];
  if (order.state === "paid" || order.state === "fulfilling") return ["done", "done", "now"];
  return signed?.stage === "signed" ? ["done", "now", "later"] : ["now", "later", "later"];
}

const after = (from: number | null, to: number | null) =>
  from !== null && to !== null
    ? t("time.after", { seconds: Math.max(0, Math.round((to - from) / 1000)) })
    : "";

/** signed -> on chain -> yours, with the time that each has taken. */
export function Progress({
  order,
  gift,
  signed,
  moments,
}: {
  order: Order;
  gift: boolean;
  signed: Signing | undefined;
  moments: Moments;
}): JSX.Element {
  const [one, two, three] = stages(order, signed) as [Standing, Standing, Standing];
  const yours = gift ? t("order.yours.gift") : t("order.yours");
  second.value;
  const running =
    two === "now" ? after(moments.signed, Date.now()) : after(moments.signed, moments.chain);
  return (
    <ol class="progress">
      <Stage standing={one} done={t("order.signed")} wait={t("order.signed.wait")} time="" />
      <Stage standing={two} done={t("order.chain")} wait={t("order.chain.wait")} time={running} />
      <Stage
        standing={three}
        done={yours}
        wait={t("order.yours.wait")}
        time={after(moments.signed, moments.yours)}
      />
    </ol>
  );
}

export function Stage({
  standing,
  done,
  wait,
  time,
}: {
  standing: Standing;
  done: string;
  wait: string;
  time: string;
}): JSX.Element {
  return (
    <li class={`stage stage-${standing}`} aria-current={standing === "now" ? "step" : undefined}>
      <span class="stage-mark">{standing === "done" && <Icon name="check" size={16} />}</span>
      <span class="stage-words">{standing === "done" ? done : wait}</span>
      <span class="stage-time soft">{time}</span>
    </li>
  );
}
