import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Problem } from "../api/problem";
import type { Release } from "../api/types";
import { type Key, t } from "../i18n";
import { coverSources } from "../state/covers";
import { haptic } from "../telegram";
import { Icon, type IconName } from "./icons";

export function Cover({
  release,
  name,
  eager = false,
  sizes = "(min-width: 60rem) 480px, 100vw",
}: {
  release: Release;
  name?: string;
  eager?: boolean;
  /** How wide it is shown, as in the attribute of HTML. */
  sizes?: string;
}): JSX.Element {
  return (
    <CoverSet url={release.cover.url} sizes={sizes}>
      <img
        class="cover"
        src={release.cover.url}
        width={release.cover.width || 600}
        height={release.cover.width || 600}
        alt=""
        loading={eager ? "eager" : "lazy"}
        fetchpriority={eager ? "high" : "auto"}
        decoding="async"
        style={name ? { viewTransitionName: `cover-${name}` } : {}}
      />
    </CoverSet>
  );
}

/** A cover's smaller and modern forms around its image; the browser takes one of them. */
export function CoverSet({
  url,
  sizes,
  children,
}: {
  url: string;
  sizes: string;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <picture class="cover-set">
      {coverSources(url).map(({ type, srcset }) => (
        <source key={type} type={type} srcset={srcset} sizes={sizes} />
      ))}
      {children}
    </picture>
  );
}

export function Artist({ release }: { release: Release }): JSX.Element {
  return (
    <span class="artist">
      {release.artist.name}
      {release.artist.verified && <Verified />}
    </span>
  );
}

export function Verified(): JSX.Element {
  return (
    <span class="verified" role="img" aria-label={t("common.verified")}>
      <Icon name="verified" size={16} />
    </span>
  );
}

/** Lines of the page's real shape while it loads; words join them after two seconds. */
export function Skeleton({ shapes }: { shapes: string[] }): JSX.Element {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), 2000);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div class="skeleton" role="status" aria-busy="true">
      {shapes.map((shape, at) => (
        <div key={`${shape}${at}`} class={`bone bone-${shape}`} />
      ))}
      <p class={slow ? "soft center" : "visually-hidden"}>{t("common.loading")}…</p>
    </div>
  );
}

const WORDS: Record<string, Key> = {
  offline: "error.offline",
  sold_out: "drop.collect.gone",
  paused: "drop.collect.paused",
  ended: "drop.collect.ended",
  not_started: "error.not_live",
  too_many: "error.limit",
  wallet_unproved: "error.wallet",
  address_invalid: "buy.recipient.bad",
  chain_unavailable: "error.chain",
  proof_network: "wallet.network",
  proof_wrong_network: "wallet.network",
  playlist_full: "error.playlist_full",
  too_many_playlists: "error.too_many_playlists",
  playlist_members_full: "error.members_full",
  playlist_forbidden: "error.playlist_forbidden",
  http_401: "error.signin",
  http_403: "error.forbidden",
  http_404: "error.missing",
  http_429: "error.busy",
};

/** A refusal in the reader's words; the server's own sentence where we have none. */
export function explain(problem: Problem): string {
  const known = WORDS[problem.code] ?? WORDS[`http_${problem.status}`];
  if (known) return t(known);
  if (problem.status >= 500) return t("error.server");
  const field = Object.values(problem.fields)[0]?.[0];
  return field ?? (problem.message || t("error.unknown"));
}

export function Failure({ problem, retry }: { problem: Problem; retry: () => void }): JSX.Element {
  const title: Key =
    problem.code === "offline"
      ? "error.offline.title"
      : problem.status === 404
        ? "error.missing.title"
        : "error.title";
  return (
    <Invitation title={t(title)} text={explain(problem)} alone>
      {problem.status === 404 ? (
        <a class="button" href="/app/">
          {t("error.home")}
        </a>
      ) : (
        <button type="button" class="button" onClick={retry}>
          {t("common.retry")}
        </button>
      )}
    </Invitation>
  );
}

export function Invitation({
  title,
  text,
  alone = false,
  children,
}: {
  title: string;
  text: string;
  /** Whether it is all there is on the page: then its title is the page's. */
  alone?: boolean;
  children?: ComponentChildren;
}): JSX.Element {
  const Title = alone ? "h1" : "h2";
  return (
    <section class="invitation">
      <div class="discs" aria-hidden="true">
        <i />
        <i />
        <i />
      </div>
      <Title class="title">{title}</Title>
      <p class="soft">{text}</p>
      {children}
    </section>
  );
}

export function IconButton({
  icon,
  label,
  press,
  size = 24,
  disabled = false,
  kind = "",
}: {
  icon: IconName;
  label: string;
  press: () => void;
  size?: number;
  disabled?: boolean;
  kind?: string;
}): JSX.Element {
  return (
    <button
      type="button"
      class={`icon-button ${kind}`}
      aria-label={label}
      title={label}
      disabled={disabled}
      onClick={press}
    >
      <Icon name={icon} size={size} />
    </button>
  );
}

export function CopyLine({ value }: { value: string }): JSX.Element {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard?.writeText(value).catch(() => undefined);
    haptic.select();
    setCopied(true);
    setTimeout(() => setCopied(false), 1600);
  };
  return (
    <button
      type="button"
      class="copy-line"
      onClick={copy}
      aria-label={`${t("common.copy")}: ${value}`}
    >
      <span class="mono">{value}</span>
      <span class="copy-mark">{copied ? t("common.copied") : <Icon name="copy" size={16} />}</span>
    </button>
  );
}
