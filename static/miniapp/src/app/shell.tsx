import { signal } from "@preact/signals";
import type { ComponentType, JSX } from "preact";
import { type Key, t } from "../i18n";
import { ArtistScreen } from "../screens/artist";
import { Collection } from "../screens/collection";
import { DropScreen } from "../screens/drop";
import { GiftScreen } from "../screens/gift";
import { Home } from "../screens/home";
import { ItemScreen } from "../screens/item";
import { OrderScreen } from "../screens/order";
import { Orders } from "../screens/orders";
import { Profile } from "../screens/profile";
import { back, href, type Route, route } from "../state/router";
import { telegram } from "../telegram";
import { WalletSheetHost } from "../ton/open";
import { Icon, type IconName } from "../ui/icons";
import { IconButton, Invitation } from "../ui/parts";
import { MiniPlayer } from "../ui/player";
import { Toast } from "../ui/toast";

const online = signal(navigator.onLine);
addEventListener("online", () => {
  online.value = true;
});
addEventListener("offline", () => {
  online.value = false;
});

const TABS: { name: "home" | "collection" | "profile"; label: Key; icon: IconName }[] = [
  { name: "home", label: "nav.drops", icon: "drops" },
  { name: "collection", label: "nav.collection", icon: "shelf" },
  { name: "profile", label: "nav.profile", icon: "person" },
];

const plain: Record<string, ComponentType> = {
  home: Home,
  collection: Collection,
  profile: Profile,
  orders: Orders,
};

/** Keyed by its address: another drop is another page, not the same one changed. */
function Screen({ at }: { at: Route }): JSX.Element {
  if (at.name === "drop") return <DropScreen key={at.key} id={at.key} />;
  if (at.name === "order") return <OrderScreen key={at.key} id={at.key} />;
  if (at.name === "item") return <ItemScreen key={at.key} address={at.key} />;
  if (at.name === "gift") return <GiftScreen key={at.key} secret={at.key} />;
  if (at.name === "artist") return <ArtistScreen key={at.key} slug={at.key} />;
  const Plain = plain[at.name];
  if (Plain) return <Plain />;
  return (
    <Invitation title={t("error.missing.title")} text={t("error.missing")}>
      <a class="button" href={href.home()}>
        {t("error.home")}
      </a>
    </Invitation>
  );
}

export function Shell(): JSX.Element {
  const at = route.value;
  const root = TABS.some((tab) => tab.name === at.name);
  const framed = telegram.value !== null;
  return (
    <div class={`shell ${root ? "shell-root" : "shell-page"}`}>
      <div class="backdrop" aria-hidden="true" />
      {!online.value && (
        <p class="offline" role="status">
          {t("error.offline.bar")}
        </p>
      )}
      <header class="top">
        {!root && !framed && <IconButton icon="back" label={t("common.back")} press={back} />}
        <a class="wordmark" href={href.home()}>
          {t("app.name")}
        </a>
        <Tabs at={at} kind="tabs-top" />
      </header>
      <main id="main" tabIndex={-1}>
        <Screen at={at} />
      </main>
      <div class="bottom">
        <MiniPlayer />
        {root && <Tabs at={at} kind="tabs-bottom" />}
      </div>
      <WalletSheetHost />
      <Toast />
    </div>
  );
}

function Tabs({ at, kind }: { at: Route; kind: string }): JSX.Element {
  return (
    <nav class={`tabs ${kind}`} aria-label={t("nav.main")}>
      {TABS.map((tab) => (
        <a
          key={tab.name}
          href={href[tab.name]()}
          aria-current={at.name === tab.name ? "page" : undefined}
        >
          <Icon name={tab.icon} />
          <span>{t(tab.label)}</span>
        </a>
      ))}
    </nav>
  );
}
