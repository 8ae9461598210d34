import type { ComponentChildren, JSX } from "preact";
import { api } from "../api";
import { signedIn } from "../api/session";
import type { ItemDetail, Me } from "../api/types";
import { date, t } from "../i18n";
import { useQuery } from "../state/query";
import { href } from "../state/router";
import { same } from "../ton/address";
import { EditionNumber } from "../ui/edition";
import { useLight } from "../ui/light";
import { Artist, CopyLine, Cover, Failure, Skeleton } from "../ui/parts";
import { ShareButton } from "../ui/share";
import { EditionTracks } from "./tracks";

/** The certificate: the one page where the chain shows itself, completely. */
export function ItemScreen({ of: address }: { of: string }): JSX.Element {
  const { data: item, problem, retry } = useQuery(`item:${address}`, () => api.item(address));
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
        <Listen item={item} />
        <Certificate item={item} />
        <a class="button wide" href={href.drop(item.drop)}>
          {t("item.drop")}
        </a>
      </div>
    </article>
  );
}

function useMine(item: ItemDetail): boolean {
  const me = useQuery<Me>(signedIn.value === "yes" ? "me" : null, api.me);
  return me.data?.wallets.some((wallet) => same(wallet.address, item.owner)) ?? false;
}

function Listen({ item }: { item: ItemDetail }): JSX.Element | null {
  const mine = useMine(item);
  if (!mine && !item.tracks.some((track) => track.preview_url)) return null;
  const release = { ...item.release, tracks: item.tracks };
  return <EditionTracks release={release} drop={item.drop} item={item.address} mine={mine} />;
}

function Certificate({ item }: { item: ItemDetail }): JSX.Element {
  const mine = useMine(item);
  return (
    <section class="block">
      <h2 class="subtitle">{t("item.certificate")}</h2>
      <dl class="facts">
        <Fact
          name={mine ? `${t("item.owner")} · ${t("item.you")}` : t("item.owner")}
          value={item.owner}
        />
        <Fact name={t("item.contract")} value={item.address} />
        <Fact name={t("item.collection")} value={item.collection} />
        <Fact name={t("item.audio")} value={item.audio_cid} />
        <Fact name={t("item.sha")} value={item.audio_sha256} />
        <Fact name={t("item.code")} value={item.code_hash} />
        {item.acquired_at && <Row name={t("item.acquired")}>{date(item.acquired_at, true)}</Row>}
      </dl>
      <p class="soft small">{t("item.proof")}</p>
    </section>
  );
}

function Row({ name, children }: { name: string; children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A fact that the API does not tell (undefined) is left out; one not yet known is said to be so. */
function Fact({
  name,
  value,
}: {
  name: string;
  value: string | null | undefined;
}): JSX.Element | null {
  if (value === undefined) return null;
  return <Row name={name}>{value ? <CopyLine value={value} /> : t("item.missing")}</Row>;
}
