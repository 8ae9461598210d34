/** What the player says of itself, told plainly. */
import { t } from "../i18n";
import { grant, trouble, waiting } from "../state/player";

/** What is played, in a word; nothing while it is not known. */
export function badge(): string {
  const now = grant.value;
  if (!now) return "";
  return t(now.full ? "play.full" : "play.preview");
}

export const troubleWords = () => t(trouble.value === "offline" ? "play.offline" : "play.failed");

/** Why it is no more than this, or what is in its way. */
export function words(): string {
  if (trouble.value) return troubleWords();
  const now = grant.value;
  if (!now || waiting.value) return waiting.value ? t("play.loading") : "";
  if (now.why === "open") return t("play.open.note");
  if (now.why === "holder") return t("play.holder.note");
  return t(`play.${now.why}`);
}

/** Whether asking again may help: then there is a button for it. */
export function curable(): boolean {
  const why = grant.value?.why;
  return trouble.value !== null || why === "ownership_unknown" || why === "service";
}
