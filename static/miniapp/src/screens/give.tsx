import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../api";
import { asProblem } from "../api/problem";
import type { Order } from "../api/types";
import { date, t } from "../i18n";
import { offerNotices } from "../state/notices";
import { put } from "../state/query";
import { passOn } from "../state/sharing";
import { appLink, haptic, inTelegram } from "../telegram";
import { Confirm } from "../ui/confirm";
import { CopyLine, explain } from "../ui/parts";
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
        onClick={async () => {
          if (await passOn(link, text)) say(t("share.copied"));
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
      {leaving && (
        <Confirm
          title={t("gift.cancel")}
          act={async () => keep(await api.cancelGift(order.id))}
          close={() => setLeaving(false)}
        >
          <p>{t("gift.cancel.ask")}</p>
        </Confirm>
      )}
    </section>
  );
}
