/** The player by keyboard: space, arrows, shift and arrows, M. Never while something is typed. */
import { current, next, previous, seconds, seek, toggleCurrent, toggleMute } from "./player";

const STEP_S = 5;
const TYPED = "input, textarea, select, [contenteditable], [role=slider], [role=listbox]";
/** These do something of their own with space. */
const PRESSED = "button, a, summary, [role=button]";

const actions: Record<string, () => void> = {
  " ": toggleCurrent,
  k: toggleCurrent,
  m: toggleMute,
  arrowleft: () => seek(seconds.value - STEP_S),
  arrowright: () => seek(seconds.value + STEP_S),
  "shift+arrowleft": previous,
  "shift+arrowright": next,
};

/** What a key press means here; null when it is meant for something else. */
export function meant(event: KeyboardEvent): (() => void) | null {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return null;
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest(TYPED)) return null;
  if (event.key === " " && target?.closest(PRESSED)) return null;
  // Over a sheet of another kind (buying, a wallet) the keys are the sheet's.
  const sheet = document.querySelector("dialog[open]:not(.sheet-player)");
  if (sheet) return null;
  const name = event.key.toLowerCase();
  return actions[event.shiftKey ? `shift+${name}` : name] ?? null;
}

export function startKeys(): void {
  document.addEventListener("keydown", (event) => {
    const action = current.value ? meant(event) : null;
    if (!action || event.repeat) return;
    event.preventDefault();
    action();
  });
}
