import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../api";
import { asProblem } from "../api/problem";
import { signedIn } from "../api/session";
import type { Order } from "../api/types";
import { date, type Key, t } from "../i18n";
import { serverNow } from "../state/clock";
import { type Kind, type Loaded, merged, ofKind, type Row, unread } from "../state/history";
import { attemptOf } from "../state/invoice";
import { price } from "../state/money";
import { put, useQuery } from "../state/query";
import { href } from "../state/router";
import { short } from "../ton/address";
import { EditionNumber } from "../ui/edition";
import { Icon, type IconName } from "../ui/icons";
import { useLight } from "../ui/light";
import { Cover, explain, Failure, Invitation, Skeleton } from "../ui/parts";
import { say } from "../ui/toast";

const KINDS: { kind: Kind; label: Key }[] = [
  { kind: "all", label: "history.all" },
  { kind: "bought", label: "history.bought" },
  { kind: "gifts", label: "history.gifts" },
  { kind: "moved", label: "history.moved" },
];

const load = async (): Promise<Loaded> => {
  const [orders, gifts, transfers] = await Promise.all([
    api.orders(),
    api.gifts(),
    api.transfers(),
  ]);
  return { orders, gifts, transfers };
};

/** Reads on where the merged list ends: one list at a time. */
async function readOn(loaded: Loaded): Promise<Loaded> {
  const name = unread(loaded);
  if (!name) return loaded;
  const { next, results } = loaded[name];
  const page = await { orders: api.orders, gifts: api.gifts, transfers: api.transfers }[name](next);
  return { ...loaded, [name]: { results: [...results, ...page.results], next: page.next } };
}

/** What was bought, given, received and handed on, with receipts and what went back. */
export function History(): JSX.Element {
  useLight(null);
  const guest = signedIn.value === "guest";
  const [kind, setKind] = useState<Kind>("all");
  const [busy, setBusy] = useState(false);
  const { data, problem, retry } = useQuery<Loaded>(guest ? null : "orders", load);
  if (!guest && !data) {
    if (problem) return <Failure problem={problem} retry={retry} />;
    return <Skeleton shapes={["title", "row", "row", "row"]} />;
  }
  const all = data ? merged(data) : [];
  if (!data || all.length === 0) return <Nothing guest={guest} />;
  const shown = ofKind(all, kind);
  const more = async () => {
    setBusy(true);
    try {
      const further = await readOn(data);
      put<Loaded>("orders", () => further);
    } catch (error) {
      say(explain(asProblem(error)));
    }
    setBusy(false);
  };
  return (
    <div class="narrow">
      <h1 class="title page-head">{t("history.title")}</h1>
      <Kinds kind={kind} choose={setKind} />
      {shown.length === 0 && <p class="soft history-none">{t("history.empty")}</p>}
      <ul class="list">
        {shown.map((row) => (
          <li key={row.id}>
            <HistoryRow row={row} />
          </li>
        ))}
      </ul>
      {unread(data) && (
        <button type="button" class="button more" disabled={busy} onClick={() => void more()}>
          {t("common.more")}
        </button>
      )}
    </div>
  );
}

function Nothing({ guest }: { guest: boolean }): JSX.Element {
  const text = t(guest ? "history.guest" : "collection.empty.text");
  return (
    <Invitation title={t("order.list.empty")} text={text}>
      <a class="button" href={href.home()}>
        {t("collection.empty.action")}
      </a>
    </Invitation>
  );
}

function Kinds({ kind, choose }: { kind: Kind; choose: (kind: Kind) => void }): JSX.Element {
  return (
    <fieldset class="segments history-kinds">
      <legend class="visually-hidden">{t("history.title")}</legend>
      {KINDS.map((each) => (
        <label key={each.kind} class="segment">
          <input
            type="radio"
            name="history-kind"
            checked={kind === each.kind}
            onChange={() => choose(each.kind)}
          />
          <span>{t(each.label)}</span>
        </label>
      ))}
    </fieldset>
  );
}

function HistoryRow({ row }: { row: Row }): JSX.Element {
  if (row.kind === "order") return <OrderRow order={row.order} />;
  if (row.kind === "gift") {
    const { gift } = row;
    return (
      <Line
        to={href.drop(gift.drop)}
        release={gift.release}
        icon="gift"
        what={gift.giver ? t("gift.from", { name: gift.giver }) : t("history.gift.received")}
        at={gift.created_at}
        state={gift.state === "settled" ? t("order.state.fulfilled") : t("kept.making")}
        tone={gift.state === "settled" ? "fulfilled" : "paid"}
      />
    );
  }
  const { transfer } = row;
  const other = short(transfer.outgoing ? transfer.recipient : transfer.sender);
  return (
    <Line
      to={href.item(transfer.item.address)}
      release={transfer.item.release}
      icon="send"
      what={t(transfer.outgoing ? "history.out" : "history.in", { address: other })}
      at={transfer.created_at}
      side={<EditionNumber edition={transfer.item.edition} of={null} size="small" />}
      state={t(`history.state.${transfer.state}`)}
      tone={transfer.state === "done" ? "fulfilled" : transfer.state}
    />
  );
}

function OrderRow({ order }: { order: Order }): JSX.Element {
  const [last] = order.receipts.slice(-1);
  return (
    <Line
      to={href.order(order.id)}
      release={order.release}
      {...(order.gift && { icon: "gift" as const, what: t("history.gift.given") })}
      at={order.created_at}
      note={[last && t("history.receipt", { number: last.number }), refundOf(order)]}
      side={<b>{price(attemptOf(order)?.amount ?? order.total)}</b>}
      state={standing(order)}
      tone={order.state}
    />
  );
}

/** Shorter than on the order's own page; what was paid outside the chain is kept at first. */
function standing(order: Order): string {
  const claim = order.claim;
  const elsewhere = (attemptOf(order)?.method ?? "ton") !== "ton";
  if (elsewhere && order.state === "awaiting_payment") return t("order.state.unpaid");
  if (claim && order.state === "fulfilling") {
    if (claim.gift_link) return t("order.state.gift");
    if (claim.needs_wallet) return t("order.state.wallet");
    if (Date.parse(claim.hold_until) > serverNow()) {
      return t("order.state.kept", { date: date(claim.hold_until) });
    }
  }
  return t(`order.state.${order.state}`);
}

/** The truth about money that goes back: asked for, on its way, there, or stuck. */
function refundOf(order: Order): string | null {
  const refund = order.attempts
    .flatMap((attempt) => attempt.refunds)
    .filter((each) => each.state !== "cancelled")
    .at(-1);
  if (!refund) return null;
  if (refund.state === "done") return t("history.refund.done", { amount: price(refund.amount) });
  if (refund.state === "failed") return t("history.refund.failed");
  return t(refund.state === "requested" ? "history.refund.requested" : "history.refund.way");
}

function Line(props: {
  to: string;
  release: Order["release"];
  at: string;
  state: string;
  tone: string;
  icon?: IconName;
  what?: string;
  note?: (string | null | undefined)[];
  side?: JSX.Element;
}): JSX.Element {
  const notes = (props.note ?? []).filter(Boolean);
  return (
    <a class="list-row history-row" href={props.to}>
      <span class="thumb">
        <Cover release={props.release} sizes="96px" />
      </span>
      <span class="list-main">
        <b>{props.release.title}</b>
        {props.what && (
          <small class="history-what">
            {props.icon && <Icon name={props.icon} size={14} />}
            {props.what}
          </small>
        )}
        <small class="soft">{[date(props.at, true), ...notes].join(" · ")}</small>
      </span>
      <span class="list-side">
        {props.side}
        <small class={`state-${props.tone}`}>{props.state}</small>
      </span>
    </a>
  );
}
