import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../api";
import { signedIn } from "../api/session";
import type { ItemDetail, Me } from "../api/types";
import { date, t } from "../i18n";
import { useQuery } from "../state/query";
import { href } from "../state/router";
import { same } from "../ton/address";
import { EditionNumber } from "../ui/edition";
import { Icon } from "../ui/icons";
import { useLight } from "../ui/light";
import { Artist, CopyLine, Cover, Failure, Skeleton } from "../ui/parts";
import { ShareButton } from "../ui/share";
import { Resale } from "./resale";
import { EditionTracks } from "./tracks";
import { TransferSheet } from "./transfer";

/** An edition: its number, its music, and for its holder the way to hand it on. */
export function ItemScreen({ of: address }: { of: string }): JSX.Element {
  const { data: item, problem, retry } = useQuery(`item:${address}`, () => api.item(address));
  const mine = useMine(item);
  const [giving, setGiving] = useState(false);
  useLight(item?.release.colours);
  if (!item) {
    if (problem) return <Failure problem={problem} retry={retry} />;
    return <Skeleton shapes={["cover", "title", "line-short", "line", "line"]} />;
  }
  return (
    <article class="drop certificate">
      <div class="drop-cover">
        <Cover release={item.release} name={address} eager />
      </div>
      <div class="drop-words">
        <header class="drop-head">
          <h1>
            <EditionNumber edition={item.edition} of={item.of} size="huge" />
          </h1>
          <p class="certificate-title">{item.release.title}</p>
          <p class="by">
            <a href={href.artist(item.release.artist.slug)}>
              <Artist release={item.release} />
            </a>
          </p>
          <div class="head-acts">
            <ShareButton
              what="item"
              id={item.address}
              words={`${item.name}, ${item.release.artist.name}`}
            />
          </div>
        </header>
        <Listen item={item} mine={mine} />
        <Certificate item={item} mine={mine} />
        {mine && (
          <button type="button" class="button wide item-give" onClick={() => setGiving(true)}>
            <Icon name="send" size={18} />
            {t("item.give")}
          </button>
        )}
        <Resale royalty={item.royalty_bps} list={mine ? item.market_url : null} />
        <a class="button wide" href={href.drop(item.drop)}>
          {t("item.drop")}
        </a>
      </div>
      {giving && <TransferSheet item={item} close={() => setGiving(false)} />}
    </article>
  );
}

function useMine(item: ItemDetail | null): boolean {
  const me = useQuery<Me>(signedIn.value === "yes" ? "me" : null, api.me);
  const owner = item?.owner ?? null;
  return me.data?.wallets.some((wallet) => same(wallet.address, owner)) ?? false;
}

function Listen({ item, mine }: { item: ItemDetail; mine: boolean }): JSX.Element | null {
  if (!mine && !item.tracks.some((track) => track.preview_url)) return null;
  const release = { ...item.release, tracks: item.tracks };
  return <EditionTracks release={release} drop={item.drop} item={item.address} mine={mine} />;
}

/** The certificate in two lines: all of it stands on its own page. */
function Certificate({ item, mine }: { item: ItemDetail; mine: boolean }): JSX.Element {
  return (
    <section class="block">
      <h2 class="subtitle">{t("item.certificate")}</h2>
      <dl class="facts">
        <Fact
          name={mine ? `${t("item.owner")} · ${t("item.you")}` : t("item.owner")}
          value={item.owner}
        />
        {item.acquired_at && (
          <div>
            <dt>{t("item.acquired")}</dt>
            <dd>{date(item.acquired_at, true)}</dd>
          </div>
        )}
      </dl>
      <a class="button wide" href={href.certificate(item.address)}>
        <Icon name="seal" size={18} />
        {t("item.see")}
      </a>
    </section>
  );
}

/** One that is not yet known is said to be so. */
function Fact({ name, value }: { name: string; value: string | null }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value ? <CopyLine value={value} /> : t("item.missing")}</dd>
    </div>
  );
}
