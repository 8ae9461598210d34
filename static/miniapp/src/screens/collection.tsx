import type { JSX } from "preact";
import { api } from "../api";
import { signedIn } from "../api/session";
import type { Item, Me } from "../api/types";
import { t } from "../i18n";
import { lit } from "../state/colours";
import { useQuery } from "../state/query";
import { go, href } from "../state/router";
import { appLink } from "../telegram";
import { linkWallet } from "../ton/open";
import { EditionNumber } from "../ui/edition";
import { useLight } from "../ui/light";
import { Cover, Failure, Invitation, Skeleton } from "../ui/parts";
import { PrimaryAction } from "../ui/primary";

export function Collection(): JSX.Element {
  useLight(null);
  const guest = signedIn.value === "guest";
  const me = useQuery<Me>(guest ? null : "me", api.me);
  const items = useQuery(guest ? null : "items", () => api.items());
  if (guest) return <GuestShelf />;
  const problem = items.problem ?? me.problem;
  if (!items.data || !me.data) {
    if (problem)
      return (
        <Failure problem={problem} retry={() => void Promise.all([items.retry(), me.retry()])} />
      );
    return <Skeleton shapes={["title", "pair", "pair"]} />;
  }
  const shown = items.data.results;
  if (shown.length === 0 && me.data.wallets.length === 0) {
    const connect = async () => {
      if (await linkWallet()) await Promise.all([me.retry(), items.retry()]);
    };
    return (
      <Invitation title={t("collection.wallet.title")} text={t("collection.wallet.text")}>
        <PrimaryAction action={{ label: t("profile.connect"), press: () => void connect() }} />
      </Invitation>
    );
  }
  if (shown.length === 0) {
    return (
      <Invitation title={t("collection.empty.title")} text={t("collection.empty.text")}>
        <PrimaryAction
          action={{ label: t("collection.empty.action"), press: () => go(href.home()) }}
        />
      </Invitation>
    );
  }
  return (
    <>
      <header class="page-head">
        <h1 class="title">{t("collection.title")}</h1>
        <p class="soft">{t("collection.count", { count: shown.length })}</p>
      </header>
      <ul class="shelf shelf-own">
        {shown.map((item) => (
          <li key={item.address}>
            <Owned item={item} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Owned({ item }: { item: Item }): JSX.Element {
  return (
    <a class="card owned lit" href={href.item(item.address)} style={lit(item.release.colours)}>
      <Cover release={item.release} name={item.address} />
      <span class="card-words">
        <EditionNumber edition={item.edition} of={item.of} />
        <b class="card-title">{item.release.title}</b>
        <small class="soft">{item.release.artist.name}</small>
      </span>
    </a>
  );
}

function GuestShelf(): JSX.Element {
  const link = appLink();
  return (
    <Invitation title={t("collection.guest.title")} text={t("collection.guest.text")}>
      {link ? (
        <a class="primary" href={link}>
          {t("profile.open")}
        </a>
      ) : (
        <a class="button" href={href.home()}>
          {t("collection.empty.action")}
        </a>
      )}
    </Invitation>
  );
}
