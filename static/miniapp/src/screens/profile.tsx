import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../api";
import { signedIn, signOut, user } from "../api/session";
import type { Me, Wallet } from "../api/types";
import { config } from "../config";
import { date, type Key, t } from "../i18n";
import { forgetQueries, useQuery } from "../state/query";
import { href } from "../state/router";
import { appLink, haptic } from "../telegram";
import { same, short } from "../ton/address";
import { connected, forget } from "../ton/connect";
import { linkWallet } from "../ton/open";
import { Confirm } from "../ui/confirm";
import { Icon } from "../ui/icons";
import { useLight } from "../ui/light";
import { say } from "../ui/toast";

export function Profile(): JSX.Element {
  useLight(null);
  const guest = signedIn.value === "guest";
  return (
    <div class="narrow">
      <h1 class="visually-hidden">{t("profile.title")}</h1>
      {guest ? <GuestHead /> : <Head />}
      {!guest && <Wallets />}
      <Places guest={guest} />
      {!guest && (
        <button type="button" class="button wide" onClick={() => void signOut()}>
          {t("profile.signout")}
        </button>
      )}
    </div>
  );
}

function Head(): JSX.Element {
  const who = user.value;
  const name = [who?.first_name, who?.last_name].filter(Boolean).join(" ");
  return (
    <header class="person">
      {who?.photo_url ? (
        <img class="portrait portrait-small" src={who.photo_url} alt="" width={64} height={64} />
      ) : (
        <span class="portrait portrait-small portrait-letter">{name.slice(0, 1)}</span>
      )}
      <div>
        <p class="person-name">{name}</p>
        {who?.username && <p class="soft">@{who.username}</p>}
      </div>
    </header>
  );
}

function GuestHead(): JSX.Element {
  const link = appLink();
  return (
    <header class="block">
      <p class="title">{t("profile.guest")}</p>
      <p class="soft prose">{t("profile.guest.text")}</p>
      {link && (
        <a class="primary" href={link}>
          {t("profile.open")}
        </a>
      )}
      {config.development && (
        <a class="button wide" href="/api/v1/dev/login/fan">
          {t("profile.dev.fan")}
        </a>
      )}
    </header>
  );
}

function Wallets(): JSX.Element {
  const me = useQuery<Me>("me", api.me);
  const [leaving, setLeaving] = useState<Wallet | null>(null);
  const wallets = me.data?.wallets ?? [];
  const connect = async () => {
    if (await linkWallet()) await me.retry();
  };
  return (
    <section class="block">
      <h2 class="subtitle">{t("profile.wallets")}</h2>
      {me.data && wallets.length === 0 && <p class="soft">{t("profile.wallets.none")}</p>}
      <ul class="list list-framed">
        {wallets.map((wallet) => (
          <li key={wallet.id} class="list-row">
            <Icon name="wallet" />
            <span class="list-main">
              <b class="mono">{short(wallet.address)}</b>
              <small class="soft">{t("profile.proved", { date: date(wallet.proved_at) })}</small>
            </span>
            <button type="button" class="button button-small" onClick={() => setLeaving(wallet)}>
              {t("profile.unlink")}
            </button>
          </li>
        ))}
        <li>
          <button type="button" class="list-row list-row-act" onClick={() => void connect()}>
            <Icon name="plus" />
            <span class="list-main">{t("profile.connect")}</span>
          </button>
        </li>
      </ul>
      {leaving && (
        <Unlink
          wallet={leaving}
          close={() => {
            setLeaving(null);
            void me.retry();
          }}
        />
      )}
    </section>
  );
}

function Unlink({ wallet, close }: { wallet: Wallet; close: () => void }): JSX.Element {
  const unlink = async () => {
    await api.unlinkWallet(wallet.id);
    if (same(connected.value?.address ?? null, wallet.address)) await forget();
    forgetQueries("items");
    haptic.success();
    say(t("profile.unlinked"));
  };
  return (
    <Confirm title={t("profile.unlink")} act={unlink} close={close}>
      <p>{t("profile.unlink.ask")}</p>
      <p class="mono soft">{wallet.address}</p>
    </Confirm>
  );
}

function Places({ guest }: { guest: boolean }): JSX.Element {
  const own: [string, Key, Key | null][] = [
    [href.orders(), "profile.orders", null],
    [href.referrals(), "profile.referrals", null],
    [href.verify(), "profile.verify", "profile.verify.text"],
  ];
  const kept: [string, Key, Key | null][] = [
    [href.notifications(), "notices.title", null],
    [href.sessions(), "profile.sessions", null],
    [href.privacy(), "profile.privacy", null],
  ];
  const settings: [string, Key, Key | null] = [
    href.settings(),
    "profile.settings",
    "profile.settings.text",
  ];
  return (
    <>
      {!guest && <Links rows={own} />}
      <Links rows={guest ? [settings] : [settings, ...kept]} />
    </>
  );
}

function Links({ rows }: { rows: [string, Key, Key | null][] }): JSX.Element {
  return (
    <ul class="list list-framed places">
      {rows.map(([to, label, text]) => (
        <li key={to}>
          <a class="list-row" href={to}>
            <span class="list-main">
              {t(label)}
              {text && <small class="soft">{t(text)}</small>}
            </span>
            <Icon name="chevron" size={20} />
          </a>
        </li>
      ))}
    </ul>
  );
}
