import type { JSX } from "preact";
import { api } from "../api";
import { signedIn } from "../api/session";
import type { Order } from "../api/types";
import { date, t } from "../i18n";
import { serverNow } from "../state/clock";
import { attemptOf } from "../state/invoice";
import { price } from "../state/money";
import { useQuery } from "../state/query";
import { href } from "../state/router";
import { useLight } from "../ui/light";
import { Cover, Failure, Invitation, Skeleton } from "../ui/parts";

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

export function Orders(): JSX.Element {
  useLight(null);
  const guest = signedIn.value === "guest";
  const { data, problem, retry } = useQuery(guest ? null : "orders", () => api.orders());
  if (!guest && !data) {
    if (problem) return <Failure problem={problem} retry={retry} />;
    return <Skeleton shapes={["title", "row", "row", "row"]} />;
  }
  const orders = data?.results ?? [];
  if (orders.length === 0) {
    return (
      <Invitation title={t("order.list.empty")} text={t("collection.empty.text")}>
        <a class="button" href={href.home()}>
          {t("collection.empty.action")}
        </a>
      </Invitation>
    );
  }
  return (
    <div class="narrow">
      <h1 class="title page-head">{t("order.list")}</h1>
      <ul class="list">
        {orders.map((order) => (
          <li key={order.id}>
            <a class="list-row" href={href.order(order.id)}>
              <span class="thumb">
                <Cover release={order.release} sizes="96px" />
              </span>
              <span class="list-main">
                <b>{order.release.title}</b>
                <small class="soft">{date(order.created_at, true)}</small>
              </span>
              <span class="list-side">
                <b>{price(attemptOf(order)?.amount ?? order.total)}</b>
                <small class={`state-${order.state}`}>{standing(order)}</small>
              </span>
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}
