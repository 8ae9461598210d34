import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { api } from "../api";
import { asProblem } from "../api/problem";
import type { ItemDetail, Me, Transfer } from "../api/types";
import { t } from "../i18n";
import type { Primary } from "../state/actions";
import { price } from "../state/money";
import { useQuery } from "../state/query";
import { openTransfer, type Stage, signTransfer, stages, useTransfer } from "../state/transfers";
import { haptic } from "../telegram";
import { raw, same, short } from "../ton/address";
import { connected, restore } from "../ton/connect";
import { linkWallet } from "../ton/open";
import { EditionNumber } from "../ui/edition";
import { Icon } from "../ui/icons";
import { CoverSet, explain } from "../ui/parts";
import { PrimaryAction } from "../ui/primary";
import { Sheet } from "../ui/sheet";

/** Giving an edition to another wallet: what will happen, then what is happening, then that it has. */
export function TransferSheet({
  item,
  close,
}: {
  item: ItemDetail;
  close: () => void;
}): JSX.Element {
  const [id, setId] = useState<string | null>(null);
  const { data: transfer } = useQuery<Transfer>(id && `transfer:${id}`, () =>
    api.transfer(id ?? ""),
  );
  const found = id ? transfer : null;
  useTransfer(found);
  useEffect(() => void restore(), []);
  return (
    <Sheet title={t("transfer.title")} close={close} kind="sheet-transfer" acts>
      <div class="buy-head">
        <CoverSet url={item.release.cover.url} sizes="72px">
          <img class="cover cover-buy" src={item.release.cover.url} alt="" width={72} height={72} />
        </CoverSet>
        <div>
          <EditionNumber edition={item.edition} of={item.of} />
          <p class="soft">{item.release.title}</p>
        </div>
      </div>
      {found ? (
        <Standing transfer={found} close={close} again={() => setId(null)} />
      ) : (
        <Form item={item} opened={(made) => setId(made.id)} />
      )}
    </Sheet>
  );
}

function Form({
  item,
  opened,
}: {
  item: ItemDetail;
  opened: (transfer: Transfer) => void;
}): JSX.Element {
  const [to, setTo] = useState("");
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const me = useQuery<Me>("me", api.me);
  const holds = connected.value && same(connected.value.address, item.owner);
  const bad = to.trim() !== "" && raw(to) === null;
  const own = same(to, item.owner);
  const connect = async () => {
    setTrouble(null);
    if (await linkWallet()) await me.retry();
    if (!same(connected.value?.address ?? null, item.owner)) {
      setTrouble(t("transfer.other", { address: short(item.owner ?? "") }));
    }
  };
  const give = async () => {
    setBusy(true);
    setTrouble(null);
    haptic.tap();
    try {
      const made = await openTransfer(item.address, to.trim());
      opened(made);
      void signTransfer(made);
    } catch (error) {
      haptic.error();
      const problem = asProblem(error);
      const field = problem.fields.to?.[0];
      setTrouble(
        problem.code === "not_owner" ? t("transfer.not_owner") : (field ?? explain(problem)),
      );
      setBusy(false);
    }
  };
  const action: Primary = holds
    ? {
        label: t(busy ? "transfer.preparing" : "transfer.sign"),
        press: () => void give(),
        busy,
        enabled: raw(to) !== null && !own,
      }
    : { label: t("transfer.connect"), press: () => void connect() };
  const wrong = bad ? t("transfer.bad") : own ? t("transfer.own") : null;
  return (
    <>
      <div class="field">
        <label for="transfer-to">{t("transfer.to")}</label>
        <input
          id="transfer-to"
          class="input mono"
          value={to}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          placeholder="UQ…"
          aria-invalid={wrong !== null}
          aria-describedby="transfer-hint"
          onInput={(event) => setTo(event.currentTarget.value)}
        />
        <p id="transfer-hint" class={`small ${wrong ? "bad" : "soft"}`}>
          {wrong ?? t("transfer.to.hint")}
        </p>
      </div>
      <Steps />
      {trouble && (
        <p class="notice notice-bad" role="alert">
          {trouble}
        </p>
      )}
      <div class="sheet-foot">
        <PrimaryAction action={action} />
      </div>
    </>
  );
}

function Steps(): JSX.Element {
  return (
    <details class="next" open>
      <summary>{t("transfer.next")}</summary>
      <ol class="steps">
        <li>{t("transfer.next.sign")}</li>
        <li>{t("transfer.next.chain")}</li>
        <li>{t("transfer.next.theirs")}</li>
      </ol>
    </details>
  );
}

/** How far it is, as this browser and the chain tell together. */
function told(transfer: Transfer, stage: Stage | undefined) {
  if (transfer.state !== "open") return transfer.state;
  return stage ?? "signed";
}

function Standing({
  transfer,
  close,
  again,
}: {
  transfer: Transfer;
  close: () => void;
  again: () => void;
}): JSX.Element {
  const at = told(transfer, stages.value[transfer.id]);
  const done = at === "done";
  useEffect(() => {
    if (done) haptic.success();
  }, [done]);
  const words = {
    asking: [t("transfer.signing"), ""],
    signed: [t("transfer.chain"), t("transfer.chain.text")],
    declined: [t("order.declined"), t("transfer.declined")],
    failed: [t("order.declined"), t("transfer.timeout")],
    done: [t("transfer.done"), t("transfer.done.text", { address: short(transfer.recipient) })],
    expired: [t("history.state.expired"), t("transfer.expired")],
    elsewhere: [t("history.state.elsewhere"), t("transfer.elsewhere")],
  } as const;
  const [title, text] = words[at];
  const action: Record<typeof at, Primary | null> = {
    asking: { label: t("transfer.signing"), press: () => undefined, busy: true, enabled: false },
    signed: null,
    declined: { label: t("transfer.again"), press: () => void signTransfer(transfer) },
    failed: { label: t("transfer.again"), press: () => void signTransfer(transfer) },
    done: { label: t("common.done"), press: close },
    expired: { label: t("transfer.again"), press: again },
    elsewhere: { label: t("common.close"), press: close },
  };
  return (
    <>
      <div class="transfer-state" role="status">
        {done && <Icon name="check" size={32} />}
        <b class={at === "asking" || at === "signed" ? "is-waiting" : ""}>{title}</b>
        {text && <p class="soft">{text}</p>}
      </div>
      <dl class="lines">
        <Line name={t("transfer.from")} value={short(transfer.sender)} />
        <Line name={t("transfer.to")} value={short(transfer.recipient)} />
        <Line name={t("transfer.fee")} value={price(transfer.attached)} />
      </dl>
      <div class="sheet-foot">
        <PrimaryAction action={action[at]} />
      </div>
    </>
  );
}

function Line({ name, value }: { name: string; value: string }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
