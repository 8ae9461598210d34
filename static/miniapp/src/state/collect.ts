/** From anywhere to buying: the drop's page opens with its sheet, or the shop on the open web. */
import { signal } from "@preact/signals";
import { inTelegram } from "../telegram";
import { go, href } from "./router";

/** The drop whose page is to open its sheet when it stands. */
export const wish = signal<string | null>(null);

export function collect(drop: string): void {
  if (!inTelegram) {
    location.assign(href.store(drop));
    return;
  }
  wish.value = drop;
  go(href.drop(drop));
}
