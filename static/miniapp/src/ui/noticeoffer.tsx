import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../api";
import { asProblem } from "../api/problem";
import { t } from "../i18n";
import { askToWrite, noteAsked, type Offer, switchKind } from "../state/notices";
import { haptic } from "../telegram";
import { Icon } from "./icons";
import { explain } from "./parts";
import { Sheet } from "./sheet";
import { say } from "./toast";

/** Asks in our own words first, so that Telegram's question comes only to who said yes. */
export function NoticeOffer({ offer, close }: { offer: Offer; close: () => void }): JSX.Element {
  const [busy, setBusy] = useState(false);
  const answer = () => {
    noteAsked(offer.kind);
    close();
  };
  const yes = async () => {
    setBusy(true);
    try {
      const known = await askToWrite(await api.notices());
      if (known?.access === "allowed") {
        await switchKind(offer.kind, true);
        haptic.success();
        say(t("notices.offer.done"));
      } else {
        say(t("notices.offer.refused"));
      }
      answer();
    } catch (error) {
      say(explain(asProblem(error)));
      setBusy(false);
    }
  };
  return (
    <Sheet title={t(`notices.offer.${offer.kind}`, { name: offer.name })} close={answer}>
      <p class="offer">
        <Icon name="bell" size={40} />
        <span>{t(`notices.offer.${offer.kind}.text`)}</span>
      </p>
      <div class="offer-answers">
        <button type="button" class="primary" disabled={busy} onClick={() => void yes()}>
          {t("notices.offer.yes")}
        </button>
        <button type="button" class="button wide" disabled={busy} onClick={answer}>
          {t("notices.offer.no")}
        </button>
      </div>
    </Sheet>
  );
}
