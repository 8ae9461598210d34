import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../api";
import { asProblem } from "../api/problem";
import type { Order } from "../api/types";
import { date, t } from "../i18n";
import { offerNotices } from "../state/notices";
import { put } from "../state/query";
import { appLink, haptic, inTelegram, telegram } from "../telegram";
import { CopyLine, explain } from "../ui/parts";
import { Sheet } from "../ui/sheet";
import { say } from "../ui/toast";

const NOTE_LENGTH = 200;
const keep = (order: Order) => put<Order>(`order:${order.id}`, () => order);

/** What the giver may do while nobody has opened the gift: pass it on, write a note, call it back. */
export function GiveGift({ order, web }: { order: Order; web: string }): JSX.Element {
  const [note, setNote] = useState(order.claim?.gift_note ?? "");
  const [leaving, setLeaving] = useState(false);
  const save = async () => {
    try {
      keep(await api.noteGift(order.id, note));
      haptic.success();
      say(t("gift.note.saved"));
    } catch (error) {
      say(explain(asProblem(error)));
    }
  };
  // Inside Telegram the gift is given inside Telegram: its link opens the Mini App.
  const link = (inTelegram && appLink(`g${web.slice(web.lastIndexOf("/") + 1)}`)) || web;
  const { title, artist } = order.release;
  const text = t("gift.share.text", { title, artist: artist.name });
  return (
    <section class="block give">
      <h2 class="subtitle">{t("gift.link")}</h2>
      <CopyLine value={link} />
      <button
        type="button"
        class="button wide"
        onClick={() => {
          share(link, text);
          void offerNotices("gift", title);
        }}
      >
        {t("gift.share")}
      </button>
      <div class="field">
        <label for="gift-note">{t("gift.note")}</label>
        <textarea
          id="gift-note"
          class="input"
          rows={3}
          maxLength={NOTE_LENGTH}
          value={note}
          onInput={(event) => setNote(event.currentTarget.value)}
        />
      </div>
      <button type="button" class="button wide" onClick={() => void save()}>
        {t("gift.note.save")}
      </button>
      {order.claim?.gift_until && (
        <p class="soft small">{t("gift.until", { date: date(order.claim.gift_until) })}</p>
      )}
      <button type="button" class="button button-bad wide" onClick={() => setLeaving(true)}>
        {t("gift.cancel")}
      </button>
      {leaving && <CallBack order={order} close={() => setLeaving(false)} />}
    </section>
  );
}

function share(link: string, text: string): void {
  const url = `https://t.me/share/url?url=${encodeURIComponent(link)}&text=${encodeURIComponent(text)}`;
  if (telegram.value) telegram.value.openTelegramLink(url);
  else if ("share" in navigator) void navigator.share({ url: link, text }).catch(() => undefined);
}

function CallBack({ order, close }: { order: Order; close: () => void }): JSX.Element {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const cancel = async () => {
    setBusy(true);
    try {
      keep(await api.cancelGift(order.id));
      close();
    } catch (error) {
      setTrouble(explain(asProblem(error)));
      setBusy(false);
    }
  };
  return (
    <Sheet title={t("gift.cancel")} close={close}>
      <p>{t("gift.cancel.ask")}</p>
      {trouble && (
        <p class="notice notice-bad" role="alert">
          {trouble}
        </p>
      )}
      <button
        type="button"
        class="button button-bad wide"
        disabled={busy}
        onClick={() => void cancel()}
      >
        {t("gift.cancel")}
      </button>
    </Sheet>
  );
}
