import type { ComponentChildren, JSX } from "preact";
import type { Genre } from "../api/types";
import { number, t } from "../i18n";
import { coins, price } from "../state/money";
import { type Asked, filters, results } from "../state/search";
import { haptic } from "../telegram";
import { Sheet } from "../ui/sheet";

/** Whole coins. */
const PRICES = [1, 2, 5, 10, 25];
const NANO = 1_000_000_000n;

/** What of the found is wanted. Every choice holds at once, so that the list behind it shows it. */
export function FilterSheet({
  asked,
  genres,
  change,
  close,
}: {
  asked: Asked;
  genres: Genre[];
  change: (to: Partial<Asked>) => void;
  close: () => void;
}): JSX.Element {
  const choose = (to: Partial<Asked>) => {
    haptic.select();
    change(to);
  };
  const { page, loading } = results.value;
  const count = page?.results.length ?? 0;
  const words = page && !loading && filters(asked) > 0;
  return (
    <Sheet title={t("search.filters")} close={close} kind="sheet-filters">
      <div class="filters">
        <label class="filter-switch">
          <span>
            <b>{t("search.sale")}</b>
            <small class="soft">{t("search.sale.text")}</small>
          </span>
          <input
            type="checkbox"
            role="switch"
            aria-checked={asked.sale}
            checked={asked.sale}
            onChange={(event) => choose({ sale: event.currentTarget.checked })}
          />
        </label>
        <Choice title={t("search.price")}>
          <Option on={asked.price === null} press={() => choose({ price: null })}>
            {t("search.price.any")}
          </Option>
          {PRICES.map((most) => (
            <Option key={most} on={asked.price === most} press={() => choose({ price: most })}>
              {price(coins(BigInt(most) * NANO))}
            </Option>
          ))}
        </Choice>
        {genres.length > 0 && (
          <Choice title={t("search.genre")}>
            <Option on={asked.genre === null} press={() => choose({ genre: null })}>
              {t("search.genre.any")}
            </Option>
            {genres.map((genre) => (
              <Option
                key={genre.key}
                on={asked.genre === genre.key}
                press={() => choose({ genre: genre.key })}
              >
                {genre.name}
              </Option>
            ))}
          </Choice>
        )}
      </div>
      <footer class="filters-foot">
        <button
          type="button"
          class="button"
          disabled={filters(asked) === 0}
          onClick={() => choose({ genre: null, sale: false, price: null })}
        >
          {t("search.reset")}
        </button>
        <button type="button" class="primary" onClick={close}>
          {words && !page.next ? t("search.found", { count }) : t("search.show")}
          {words && page.next && ` · ${number(count)}+`}
        </button>
      </footer>
    </Sheet>
  );
}

function Choice({ title, children }: { title: string; children: ComponentChildren }): JSX.Element {
  return (
    <fieldset class="filter">
      <legend>{title}</legend>
      <div class="chips">{children}</div>
    </fieldset>
  );
}

function Option({
  on,
  press,
  children,
}: {
  on: boolean;
  press: () => void;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <button type="button" class="chip" aria-pressed={on} onClick={press}>
      {children}
    </button>
  );
}
