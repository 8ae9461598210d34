import type { ComponentChildren, JSX } from "preact";
import { api } from "../api";
import type { Certificate } from "../api/types";
import { date, number, percent, t } from "../i18n";
import { useQuery } from "../state/query";
import { href } from "../state/router";
import { telegram } from "../telegram";
import { EditionNumber } from "../ui/edition";
import { Icon } from "../ui/icons";
import { useLight } from "../ui/light";
import { Artist, CopyLine, Cover, Failure, Skeleton } from "../ui/parts";
import { say } from "../ui/toast";
import { Files } from "./files";

/** The certificate: the one page where the chain shows itself, completely. */
export function CertificateScreen({ of: address }: { of: string }): JSX.Element {
  const { data, problem, retry } = useQuery(`certificate:${address}`, () =>
    api.certificate(address),
  );
  useLight(data?.release.colours);
  if (!data) {
    if (problem) return <Failure problem={problem} retry={retry} />;
    return <Skeleton shapes={["title", "cover-small", "line", "line", "line"]} />;
  }
  return (
    <article class="sheet-paper">
      <Head of={data} />
      <Owner of={data} />
      <Chain of={data} />
      <Files files={data.files} />
      <footer class="paper-foot">
        <button type="button" class="button" onClick={() => void share(data)}>
          <Icon name="send" size={18} />
          {t("certificate.share")}
        </button>
        {!telegram.value && (
          <button type="button" class="button" onClick={() => print()}>
            <Icon name="print" size={18} />
            {t("certificate.print")}
          </button>
        )}
      </footer>
    </article>
  );
}

function Head({ of: data }: { of: Certificate }): JSX.Element {
  const { release } = data;
  return (
    <header class="paper-head">
      <div class="paper-words">
        <p class="eyebrow">
          <Icon name="seal" size={18} />
          {t("certificate.of")}
        </p>
        <h1 aria-label={`${t("certificate.title")}, ${plain(data)}`}>
          <EditionNumber edition={data.edition} of={data.of} size="huge" />
        </h1>
        <p class="certificate-title">
          <a href={href.item(data.address)}>{release.title}</a>
        </p>
        <p class="by">
          <a href={href.artist(release.artist.slug)}>
            <Artist release={release} />
          </a>
        </p>
      </div>
      <div class="paper-cover">
        <Cover release={release} name={data.address} eager sizes="240px" />
      </div>
    </header>
  );
}

function Owner({ of: data }: { of: Certificate }): JSX.Element {
  const read = { date: date(data.owner_read_at, true) };
  return (
    <section class="block">
      <h2 class="subtitle">{t("certificate.holder")}</h2>
      {data.owner ? <CopyLine value={data.owner} /> : <p class="soft">{t("item.missing")}</p>}
      <p class={`paper-note ${data.owner_live ? "" : "paper-away"}`}>
        {t(data.owner_live ? "certificate.read" : "certificate.away", read)}
        {" · "}
        {t("certificate.minted", { date: date(data.minted_at) })}
      </p>
    </section>
  );
}

function Chain({ of: data }: { of: Certificate }): JSX.Element {
  const network = { mainnet: "mainnet", testnet: "testnet", local: "local" } as const;
  const name = network[data.network as keyof typeof network];
  return (
    <section class="block">
      <h2 class="subtitle">{t("certificate.facts")}</h2>
      <dl class="facts">
        <Fact name={t("item.contract")}>
          <CopyLine value={data.address} />
        </Fact>
        <Fact name={t("item.collection")}>
          <CopyLine value={data.collection} />
        </Fact>
        <Fact name={t("certificate.code")}>
          <CopyLine value={data.code_hash ?? data.code_expected} />
          <CodeVerdict of={data} />
        </Fact>
        <Fact name={t("certificate.collection.code")}>
          <CopyLine value={data.collection_code_hash} />
        </Fact>
        <Fact name={t("certificate.network")}>
          {name ? t(`certificate.network.${name}`) : data.network}
        </Fact>
        <Fact name={t("item.resale")}>
          {data.royalty_bps > 0
            ? t("item.royalty", { percent: percent(data.royalty_bps) })
            : t("item.royalty.none")}
        </Fact>
      </dl>
      {data.explorer_url && (
        <a
          class="button no-print"
          href={data.explorer_url}
          target="_blank"
          rel="noopener noreferrer"
        >
          {t("certificate.explorer")}
          <Icon name="out" size={16} />
        </a>
      )}
    </section>
  );
}

function CodeVerdict({ of: data }: { of: Certificate }): JSX.Element {
  if (!data.code_hash) return <p class="paper-note">{t("certificate.code.unread")}</p>;
  const same = data.code_hash === data.code_expected;
  return (
    <p class={`verdict ${same ? "verdict-right" : "verdict-wrong"}`}>
      <Icon name={same ? "check" : "close"} size={16} />
      {t(same ? "certificate.code.same" : "certificate.code.other")}
    </p>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** "No. 12 / 500" */
const plain = (data: Certificate) =>
  t("edition.number", { edition: number(data.edition) }) +
  (data.of === null ? "" : ` / ${number(data.of)}`);

/** By Telegram inside it, by the device outside; where neither can, the link is copied. */
async function share(data: Certificate): Promise<void> {
  const url = new URL(href.certificate(data.address), location.origin).href;
  const text = t("certificate.share.text", { title: data.release.title, number: plain(data) });
  const link = `https://t.me/share/url?url=${encodeURIComponent(url)}&text=${encodeURIComponent(text)}`;
  if (telegram.value) telegram.value.openTelegramLink(link);
  else if ("share" in navigator) await navigator.share({ url, text }).catch(() => undefined);
  else {
    await (navigator as Navigator).clipboard?.writeText(url).catch(() => undefined);
    say(t("certificate.copied"));
  }
}
