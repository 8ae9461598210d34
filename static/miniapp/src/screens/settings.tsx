import type { JSX } from "preact";
import { api } from "../api";
import { signedIn } from "../api/session";
import type { PreferencesChange, Rates } from "../api/types";
import { config } from "../config";
import { ago, currencyText, t } from "../i18n";
import { prefer, preferences } from "../state/preferences";
import { useQuery } from "../state/query";
import { href } from "../state/router";
import { haptic, type Theme } from "../telegram";
import { Icon } from "../ui/icons";
import { useLight } from "../ui/light";
import { Group, Segments } from "../ui/settings";
import { say } from "../ui/toast";

const LANGUAGES = [
  { value: "en", text: "English", lang: "en" },
  { value: "ru", text: "Русский", lang: "ru" },
] as const;
const CURRENCIES = [
  { value: "USD", text: "$ USD" },
  { value: "RUB", text: "₽ RUB" },
] as const;

export function choose(change: PreferencesChange): void {
  prefer(change).catch(() => {
    haptic.error();
    say(t("settings.failed"));
  });
}

export function Settings(): JSX.Element {
  useLight(null);
  const chosen = preferences.value;
  return (
    <div class="narrow">
      <h1 class="title page-head">{t("settings.title")}</h1>
      <Group title={t("profile.language")}>
        <Segments
          label={t("profile.language")}
          name="language"
          options={[{ value: "", text: t("settings.language.auto") }, ...LANGUAGES]}
          value={chosen.language ?? ""}
          choose={(language) => choose({ language })}
        />
      </Group>
      <Group title={t("profile.theme")} text={t("settings.theme.text")}>
        <Segments
          label={t("profile.theme")}
          name="theme"
          options={(["system", "light", "dark"] as const).map((value) => ({
            value,
            text: t(`settings.theme.${value}`),
          }))}
          value={(chosen.theme ?? "system") as Theme}
          choose={(theme) => choose({ theme })}
        />
      </Group>
      <Group title={t("settings.currency")} text={t("settings.currency.text")}>
        <Segments
          label={t("settings.currency")}
          name="currency"
          options={CURRENCIES}
          value={chosen.currency as "USD" | "RUB"}
          choose={(currency) => choose({ currency })}
        />
        <RateLine />
      </Group>
      {signedIn.value !== "guest" && (
        <ul class="list list-framed block">
          <li>
            <a class="list-row" href={href.privacy()}>
              <span class="list-main">{t("profile.privacy")}</span>
              <Icon name="chevron" size={20} />
            </a>
          </li>
        </ul>
      )}
    </div>
  );
}

function RateLine(): JSX.Element {
  const rates = useQuery<Rates>("rates", api.rates);
  const rate = rates.data?.rates.find((each) => each.currency === preferences.value.currency);
  if (!rate) {
    return (
      <p class="rate-line small soft">{rates.data ? t("settings.currency.none") : "\u00a0"}</p>
    );
  }
  return (
    <p class="rate-line small">
      {t(rate.stale ? "settings.currency.stale" : "settings.currency.rate", {
        coin: config.coin.label,
        price: currencyText(Number(rate.price), rate.currency),
        ago: ago(rate.at),
      })}
    </p>
  );
}
