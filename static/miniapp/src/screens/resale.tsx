import type { JSX } from "preact";
import type { DropDetail } from "../api/types";
import { date, percent, t } from "../i18n";
import { price } from "../state/money";
import { Icon } from "../ui/icons";

/** Royalty terms, and the way to a market of others where one is configured. */
export function Resale({
  royalty,
  market = null,
  list = null,
}: {
  royalty: number;
  market?: DropDetail["market"];
  /** Where the holder may list this very edition. */
  list?: string | null;
}): JSX.Element {
  const url = list ?? market?.url;
  return (
    <section class="block">
      <h2 class="subtitle">{t("item.resale")}</h2>
      <p>
        {royalty > 0 ? t("item.royalty", { percent: percent(royalty) }) : t("item.royalty.none")}
      </p>
      {market?.floor && (
        <p class="soft">
          {t("drop.floor", {
            price: price(market.floor.price),
            date: date(market.floor.at, true),
          })}
        </p>
      )}
      {url && (
        <>
          <a class="button wide" href={url} target="_blank" rel="noopener noreferrer">
            {t(list ? "item.market" : "drop.market")}
            <Icon name="out" size={16} />
          </a>
          <p class="soft small resale-note">{t("drop.market.note")}</p>
        </>
      )}
    </section>
  );
}
