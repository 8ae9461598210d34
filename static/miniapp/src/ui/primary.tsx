import type { JSX } from "preact";
import { type Primary, usePrimary } from "../state/actions";
import { telegram } from "../telegram";

/** The screen's one action: Telegram's MainButton inside Telegram, our button elsewhere. */
export function PrimaryAction({ action }: { action: Primary | null }): JSX.Element | null {
  usePrimary(action);
  if (!action || telegram.value) return null;
  return (
    <button
      type="button"
      class="primary"
      disabled={action.enabled === false || action.busy}
      aria-busy={action.busy}
      onClick={action.press}
    >
      {action.label}
    </button>
  );
}
