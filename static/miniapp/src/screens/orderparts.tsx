import type { JSX } from "preact";
import { api } from "../api";
import { asProblem } from "../api/problem";
import type { Order } from "../api/types";
import { date, t } from "../i18n";
import { attemptOf } from "../state/invoice";
import { price } from "../state/money";
import { useQuery } from "../state/query";
import { href } from "../state/router";
import { EditionNumber } from "../ui/edition";
import { Icon } from "../ui/icons";
import { CopyLine, explain } from "../ui/parts";
import { say } from "../ui/toast";

export function Done({ order, gift }: { order: Order; gift: boolean }): JSX.Element {
  const title = gift ? t("order.done.gift") : t("order.done.title", { count: order.quantity });
  const [first] = order.items;
  const drop = useQuery(`drop:${order.drop}`, () => api.drop(order.drop));
  const of = drop.data?.supply.total ?? null;
  return (
    <header class="order-head">
      <p class="eyebrow">{title}</p>
      {order.items.length === 1 && first ? (
        <EditionNumber edition={first.edition} of={of} size="huge" />
      ) : (
        <ul class="numbers">
          {order.items.map((item) => (
            <li key={item.address}>
              <a href={href.item(item.address)}>
                <EditionNumber edition={item.edition} of={of} />
              </a>
            </li>
          ))}
        </ul>
      )}
      <p class="order-release">
        <b>{order.release.title}</b> <span class="soft">{order.release.artist.name}</span>
      </p>
      <p class="soft">{t("order.done.text")}</p>
    </header>
  );
}

export function Facts({ order, gift }: { order: Order; gift: boolean }): JSX.Element {
  return (
    <dl class="facts">
      <div>
        <dt>{t("order.total")}</dt>
        <dd>{price(attemptOf(order)?.amount ?? order.total)}</dd>
      </div>
      <div>
        <dt>{t("order.number")}</dt>
        <dd>
          {date(order.created_at, true)}
          <CopyLine value={order.id} />
        </dd>
      </div>
      {gift && order.recipient && (
        <div>
          <dt>{t("buy.recipient")}</dt>
          <dd>
            <CopyLine value={order.recipient} />
          </dd>
        </div>
      )}
      {order.receipts.length > 0 && <Receipts order={order} />}
      {order.transaction_hash && (
        <div>
          <dt>{t("order.transaction")}</dt>
          <dd>
            <CopyLine value={order.transaction_hash} />
          </dd>
        </div>
      )}
    </dl>
  );
}

/** Numbered papers, as PDF: only their buyer may have them. */
export function Receipts({ order }: { order: Order }): JSX.Element {
  const keep = async (id: string, number: string) => {
    try {
      const url = URL.createObjectURL(await api.receipt(order.id, id));
      const link = document.createElement("a");
      link.href = url;
      link.download = `${number}.pdf`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    } catch (error) {
      say(explain(asProblem(error)));
    }
  };
  return (
    <div>
      <dt>{t("order.receipts")}</dt>
      <dd class="receipts">
        {order.receipts.map(({ id, number, issued_at }) => (
          <button key={id} type="button" class="copy-line" onClick={() => void keep(id, number)}>
            <span>
              {t("history.receipt", { number })} · {date(issued_at)}
            </span>
            <Icon name="save" size={18} />
          </button>
        ))}
      </dd>
    </div>
  );
}
