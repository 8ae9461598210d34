import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { type Key, t } from "../i18n";
import { back, href, type Route, route } from "../state/router";
import { telegram } from "../telegram";
import { WalletSheetHost } from "../ton/open";
import { AskHost } from "../ui/ask";
import { Icon, type IconName } from "../ui/icons";
import { NoticeOfferHost } from "../ui/noticehost";
import { IconButton } from "../ui/parts";
import { MiniPlayer } from "../ui/player";
import { Toast } from "../ui/toast";
import { screens } from "./screens";

const online = signal(navigator.onLine);
addEventListener("online", () => {
  online.value = true;
});
addEventListener("offline", () => {
  online.value = false;
});

const TABS: { name: "home" | "search" | "library" | "profile"; label: Key; icon: IconName }[] = [
  { name: "home", label: "nav.home", icon: "home" },
  { name: "search", label: "nav.search", icon: "search" },
  { name: "library", label: "nav.library", icon: "shelf" },
  { name: "profile", label: "nav.profile", icon: "person" },
];

/** Keyed by its address: another drop is another page, not the same one changed. */
function Current({ at }: { at: Route }): JSX.Element {
  const Screen = screens[at.name];
  const of = "key" in at ? at.key : "";
  return <Screen key={`${at.name} ${of}`} of={of} />;
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
        <Current at={at} />
      </main>
      <div class="bottom">
        <MiniPlayer />
        {root && <Tabs at={at} kind="tabs-bottom" />}
      </div>
      <WalletSheetHost />
      <NoticeOfferHost />
      <AskHost />
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
