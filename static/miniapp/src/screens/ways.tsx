import type { JSX } from "preact";
import type { Offer } from "../api/types";
import { date, type Key, t } from "../i18n";
import { price } from "../state/money";
import { haptic } from "../telegram";

/** What the server offers to this session, each with its price. It decides again at the order. */
export function Ways({
  ways,
  chosen,
  choose,
}: {
  ways: Offer[];
  chosen: Offer["method"];
  choose: (method: Offer["method"]) => void;
}): JSX.Element {
  return (
    <fieldset class="ways">
      <legend class="subtitle">{t("buy.way")}</legend>
      {ways.map((way) => (
        <label key={way.method} class="way">
          <input
            type="radio"
            name="way"
            checked={way.method === chosen}
            onChange={() => {
              haptic.select();
              choose(way.method);
            }}
          />
          <span>
            <b>{t(`buy.way.${way.method}` as Key)}</b>
            <small class="soft">{note(way)}</small>
          </span>
          <b class="way-price">{price(way.amount)}</b>
        </label>
      ))}
    </fieldset>
  );
}

const note = (way: Offer) =>
  way.minted_after
    ? t("buy.way.stars.text", { date: date(way.minted_after) })
    : t("buy.way.ton.text");
