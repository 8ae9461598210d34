import type { JSX } from "preact";
import { api } from "../api";
import { signedIn } from "../api/session";
import type { Claim, Item, Me } from "../api/types";
import { date, t } from "../i18n";
import { serverNow } from "../state/clock";
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
  const kept = useQuery(guest ? null : "claims", () => api.claims());
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
  const waiting = kept.data?.results ?? [];
  const connect = async () => {
    if (await linkWallet()) await Promise.all([me.retry(), items.retry(), kept.retry()]);
  };
  if (waiting.length > 0) {
    return (
      <>
        <Kept claims={waiting} connect={() => void connect()} />
        {shown.length > 0 && <Shelf items={shown} />}
      </>
    );
  }
  if (shown.length === 0 && me.data.wallets.length === 0) {
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
  return <Shelf items={shown} />;
}

/** Paid for, or opened as a gift, and not minted yet. */
function Kept({ claims, connect }: { claims: Claim[]; connect: () => void }): JSX.Element {
  const lacking = claims.some((claim) => claim.needs_wallet);
  return (
    <section class="narrow" aria-labelledby="kept">
      <h2 class="title page-head" id="kept">
        {t("kept.title")}
      </h2>
      <ul class="list">
        {claims.map((claim) => (
          <li key={claim.id}>
            <a
              class="list-row"
              href={claim.order ? href.order(claim.order) : href.drop(claim.drop)}
            >
              <span class="thumb">
                <Cover release={claim.release} sizes="96px" />
              </span>
              <span class="list-main">
                <b>{claim.release.title}</b>
                <small class="soft">
                  {claim.order ? claim.release.artist.name : t("kept.gift")}
                </small>
                <small class="state-paid">{standing(claim)}</small>
              </span>
            </a>
          </li>
        ))}
      </ul>
      {lacking && <PrimaryAction action={{ label: t("profile.connect"), press: connect }} />}
    </section>
  );
}

function standing(claim: Claim): string {
  if (claim.frozen) return t("kept.frozen");
  if (claim.needs_wallet) return t("kept.wallet");
  if (Date.parse(claim.hold_until) > serverNow()) {
    return t("kept.until", { date: date(claim.hold_until) });
  }
  return t("kept.making");
}

function Shelf({ items }: { items: Item[] }): JSX.Element {
  return (
    <>
      <header class="page-head">
        <h2 class="visually-hidden">{t("collection.title")}</h2>
        <p class="soft">{t("collection.count", { count: items.length })}</p>
      </header>
      <ul class="shelf shelf-own">
        {items.map((item) => (
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
      <Cover release={item.release} name={item.address} sizes="50vw" />
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
    <Invitation title={t("collection.guest.title")} text={t("collection.guest.text")} alone>
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
