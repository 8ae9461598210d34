import { signal } from "@preact/signals";
import type { JSX } from "preact";

const words = signal<string | null>(null);
let timer: ReturnType<typeof setTimeout> | undefined;

export function say(text: string): void {
  words.value = text;
  clearTimeout(timer);
  timer = setTimeout(() => {
    words.value = null;
  }, 2600);
}

export function Toast(): JSX.Element {
  return (
    <div class="toast" role="status" aria-live="polite">
      {words.value && <p>{words.value}</p>}
    </div>
  );
}
