import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "../api";
import { asProblem } from "../api/problem";
import { signedIn } from "../api/session";
import type { DropDetail, Me, Offer, Offers, OrderRequest } from "../api/types";
import { config } from "../config";
import { date, t } from "../i18n";
import type { Primary } from "../state/actions";
import { payInvoice } from "../state/invoice";
import { coins, nano, price, priceUp } from "../state/money";
import { placeOrder, sign } from "../state/purchase";
import { useQuery } from "../state/query";
import { go, href } from "../state/router";
import { appLink, haptic } from "../telegram";
import { friendly, raw, same, short } from "../ton/address";
import { connected, restore } from "../ton/connect";
import { linkWallet } from "../ton/open";
import { CoverSet, explain, IconButton } from "../ui/parts";
import { PrimaryAction } from "../ui/primary";
import { Sheet } from "../ui/sheet";
import { Ways } from "./ways";

export function BuySheet({ drop, close }: { drop: DropDetail; close: () => void }): JSX.Element {
  const [quantity, setQuantity] = useState(1);
  const [gift, setGift] = useState(false);
  const [recipient, setRecipient] = useState("");
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const key = useRef(crypto.randomUUID());
  const guest = signedIn.value === "guest";
  const me = useQuery<Me>(guest ? null : "me", api.me);
  const asked = guest ? null : `offers:${drop.id}:${quantity}`;
  const offers = useQuery<Offers>(asked, () => api.offers(drop.id, quantity));
  const ways = offers.data?.offers ?? [];
  const [chosen, choose] = useState<Offer["method"] | null>(null);
  const way = ways.find((each) => each.method === chosen) ?? ways[0];
  const method = way?.method ?? chosen ?? "ton";
  const coin = method === "ton";
  useEffect(() => void restore(), []);
  // Another wish needs another key
  useEffect(() => {
    key.current = crypto.randomUUID();
  }, [quantity, gift, recipient, method]);

  const wallet = connected.value;
  const proved = wallet && me.data?.wallets.some((each) => same(each.address, wallet.address));
  const most = Math.min(drop.max_per_buy, drop.supply.left ?? drop.max_per_buy);
  const toWallet = gift && coin;
  const badRecipient = toWallet && recipient.trim() !== "" && raw(recipient) === null;
  const ready = !toWallet || raw(recipient) !== null;
  const cost = nano(drop.price) * BigInt(quantity);
  const reserve = nano(drop.cost.network_reserve) * BigInt(quantity);

  const connect = async () => {
    setTrouble(null);
    if (await linkWallet()) await me.retry();
  };
  const pay = async () => {
    setBusy(true);
    setTrouble(null);
    haptic.tap();
    try {
      const wish: OrderRequest = { drop: drop.id, quantity, method };
      const how = coin
        ? { recipient: gift ? recipient.trim() : null, wallet: wallet?.address }
        : { gift };
      const order = await placeOrder({ ...wish, ...how }, key.current);
      close();
      go(href.order(order.id));
      void (coin ? sign(order) : payInvoice(order));
    } catch (error) {
      haptic.error();
      key.current = crypto.randomUUID();
      setTrouble(explain(asProblem(error)));
      setBusy(false);
    }
  };

  const action = (): Primary | null => {
    if (guest) {
      const link = appLink();
      return link ? { label: t("buy.signin"), press: () => location.assign(link) } : null;
    }
    if (busy) return { label: t("buy.preparing"), press: pay, busy };
    if (!offers.data && !offers.problem) {
      return { label: t("buy.preparing"), press: pay, busy: true };
    }
    if (offers.data && !way) return { label: t("buy.way.none"), press: pay, enabled: false };
    if (coin && !proved) return { label: t("buy.connect"), press: () => void connect() };
    return {
      label: t("buy.pay", { price: price(coin || !way ? coins(cost) : way.amount) }),
      press: () => void pay(),
      enabled: ready && (coin || way !== undefined),
    };
  };

  return (
    <Sheet title={t("buy.title")} close={close} kind="sheet-buy" acts>
      <div class="buy-head">
        <CoverSet url={drop.release.cover.url} sizes="72px">
          <img class="cover cover-buy" src={drop.release.cover.url} alt="" width={72} height={72} />
        </CoverSet>
        <div>
          <b class="buy-title">{drop.release.title}</b>
          <p class="soft">{drop.release.artist.name}</p>
        </div>
      </div>
      {most > 1 && <Quantity value={quantity} most={most} change={setQuantity} />}
      {ways.length > 1 && <Ways ways={ways} chosen={method} choose={choose} />}
      {coin ? (
        <Gift
          on={gift}
          toggle={setGift}
          value={recipient}
          change={setRecipient}
          bad={badRecipient}
        />
      ) : (
        way?.can_give && <GiftByLink on={gift} toggle={setGift} />
      )}
      {coin || !way ? (
        <CoinLines quantity={quantity} cost={cost} reserve={reserve} />
      ) : (
        <dl class="lines">
          <div class="lines-total">
            <dt>{t("buy.stars.total")}</dt>
            <dd>{price(way.amount)}</dd>
          </div>
        </dl>
      )}
      {coin || !way ? <NextSteps /> : <StarsSteps way={way} />}
      {coin && wallet && proved && (
        <PayingFrom address={wallet.address} change={() => void connect()} />
      )}
      {guest && <Guest />}
      {trouble && (
        <p class="notice notice-bad" role="alert">
          {trouble}
        </p>
      )}
      <div class="sheet-foot">
        <PrimaryAction action={action()} />
      </div>
    </Sheet>
  );
}

function Quantity({
  value,
  most,
  change,
}: {
  value: number;
  most: number;
  change: (to: number) => void;
}): JSX.Element {
  const set = (to: number) => {
    haptic.select();
    change(to);
  };
  return (
    <fieldset class="form-row">
      <legend class="visually-hidden">{t("buy.quantity")}</legend>
      <span aria-hidden="true">
        {t("buy.quantity")}
        <small class="soft">{t("buy.limit", { count: most })}</small>
      </span>
      <span class="stepper">
        <IconButton
          icon="minus"
          label={t("buy.fewer")}
          press={() => set(value - 1)}
          disabled={value <= 1}
        />
        <output class="stepper-value" aria-live="polite">
          {value}
        </output>
        <IconButton
          icon="plus"
          label={t("buy.another")}
          press={() => set(value + 1)}
          disabled={value >= most}
        />
      </span>
    </fieldset>
  );
}

function Gift({
  on,
  toggle,
  value,
  change,
  bad,
}: {
  on: boolean;
  toggle: (to: boolean) => void;
  value: string;
  change: (to: string) => void;
  bad: boolean;
}): JSX.Element {
  return (
    <>
      <label class="form-row">
        <span>{t("buy.gift")}</span>
        <input
          type="checkbox"
          class="switch"
          role="switch"
          checked={on}
          aria-checked={on}
          onChange={(event) => toggle(event.currentTarget.checked)}
        />
      </label>
      {on && (
        <div class="field">
          <label for="recipient">{t("buy.recipient")}</label>
          <input
            id="recipient"
            class="input mono"
            value={value}
            placeholder="UQ…"
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            aria-invalid={bad}
            aria-describedby="recipient-hint"
            onInput={(event) => change(event.currentTarget.value)}
          />
          <small id="recipient-hint" class={bad ? "bad" : "soft"}>
            {bad ? t("buy.recipient.bad") : t("buy.recipient.hint")}
          </small>
        </div>
      )}
    </>
  );
}

function GiftByLink({ on, toggle }: { on: boolean; toggle: (to: boolean) => void }): JSX.Element {
  return (
    <label class="form-row">
      <span>
        {t("buy.gift.link")}
        {on && <small class="soft">{t("buy.gift.link.text")}</small>}
      </span>
      <input
        type="checkbox"
        class="switch"
        role="switch"
        checked={on}
        aria-checked={on}
        onChange={(event) => toggle(event.currentTarget.checked)}
      />
    </label>
  );
}

function CoinLines({
  quantity,
  cost,
  reserve,
}: {
  quantity: number;
  cost: bigint;
  reserve: bigint;
}): JSX.Element {
  return (
    <dl class="lines">
      <div>
        <dt>{t("buy.price", { count: quantity })}</dt>
        <dd>{price(coins(cost))}</dd>
      </div>
      <div>
        <dt class="soft">{t("buy.reserve")}</dt>
        <dd class="soft">{priceUp(reserve)}</dd>
      </div>
      <div class="lines-total">
        <dt>{t("buy.total")}</dt>
        <dd>{priceUp(cost + reserve)}</dd>
      </div>
    </dl>
  );
}

function StarsSteps({ way }: { way: Offer }): JSX.Element {
  const day = way.minted_after && date(way.minted_after);
  return (
    <details class="next" open>
      <summary>{t("buy.next")}</summary>
      <ol class="steps">
        <li>{t("buy.stars.pay")}</li>
        <li>{t("buy.stars.kept")}</li>
        <li>{day ? t("buy.stars.minted", { date: day }) : t("gift.accept.three")}</li>
      </ol>
      {day && <p class="soft small">{t("buy.stars.why")}</p>}
    </details>
  );
}

function NextSteps(): JSX.Element {
  return (
    <details class="next" open>
      <summary>{t("buy.next")}</summary>
      <ol class="steps">
        <li>{t("buy.next.sign")}</li>
        <li>{t("buy.next.chain")}</li>
        <li>{t("buy.next.yours")}</li>
      </ol>
      <p class="soft small">{t("buy.refund")}</p>
    </details>
  );
}

function PayingFrom({ address, change }: { address: string; change: () => void }): JSX.Element {
  return (
    <div class="form-row">
      <span>
        {t("buy.wallet")}
        <small class="soft mono">{short(friendly(address, config.network !== "-239"))}</small>
      </span>
      <button type="button" class="button button-small" onClick={change}>
        {t("buy.wallet.change")}
      </button>
    </div>
  );
}

function Guest(): JSX.Element {
  return (
    <p class="notice">
      {t("buy.signin.text")}{" "}
      {config.development && (
        <a class="link" href="/api/v1/dev/login/fan">
          {t("profile.dev.fan")}
        </a>
      )}
    </p>
  );
}
