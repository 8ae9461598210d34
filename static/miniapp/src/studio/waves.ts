import { clock } from "./words";

const field = (wave: Element) => wave.querySelector<HTMLInputElement>("[data-start]");

function show(wave: Element): void {
  const input = field(wave);
  if (!input) return;
  const start = Number(input.value);
  wave.querySelector("[data-window]")?.setAttribute("x", input.value);
  const words = `${clock(start)} to ${clock(start + 30_000)}`;
  input.setAttribute("aria-valuetext", words);
  const from = wave.querySelector("[data-from]");
  if (from) from.textContent = `Preview: ${words}`;
}

/** A press or a drag on the wave puts the middle of the preview there. */
function point(event: PointerEvent): void {
  const picture = (event.target as Element).closest("[data-wave] svg");
  const input = picture && field(picture.parentElement as Element);
  if (!picture || !input || event.buttons !== 1) return;
  const box = picture.getBoundingClientRect();
  const whole = Number(input.max) + 30_000;
  const at = ((event.clientX - box.left) / box.width) * whole - 15_000;
  input.value = String(Math.round(at / 1000) * 1000); // the field keeps it within its bounds
  show(picture.parentElement as Element);
}

/** Where a preview begins: the slider, and the wave above it, say the same. */
export function watchWaves(): void {
  document.addEventListener("input", (event) => {
    const wave = (event.target as Element).closest("[data-wave]");
    if (wave) show(wave);
  });
  document.addEventListener("pointerdown", point);
  document.addEventListener("pointermove", point);
}
