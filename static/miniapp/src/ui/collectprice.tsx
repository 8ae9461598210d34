import type { JSX } from "preact";
import { api } from "../api";
import { t } from "../i18n";
import { price } from "../state/money";
import { useQuery } from "../state/query";
import { liveState } from "./edition";

/** "Collect - 2.5 TON"; where nothing is on sale it leads to the drop. */
export function CollectPrice({
  drop,
  press,
  see,
  kind = "",
}: {
  drop: string;
  press: () => void;
  /** What to do where it is not on sale; nothing is shown without it. */
  see?: () => void;
  kind?: string;
}): JSX.Element | null {
  const { data } = useQuery(`drop:${drop}`, () => api.drop(drop));
  if (data && liveState(data) === "live") {
    return (
      <button type="button" class={`button button-strong ${kind}`} onClick={press}>
        {t("drop.collect", { price: price(data.price) })}
      </button>
    );
  }
  if (!see) return null;
  return (
    <button type="button" class={`button ${kind}`} onClick={see}>
      {t("play.drop")}
    </button>
  );
}
