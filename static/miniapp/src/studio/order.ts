/** Tracks change places by being dragged; the buttons of each row do the same by keyboard. */
const NAME = ".studio-track";

export function watchOrder(): void {
  let held: HTMLElement | null = null;
  const place = (event: Event) => (event.target as Element | null)?.closest<HTMLElement>(NAME);

  // Only by its number: a row has text to be selected, sliders and fields.
  document.addEventListener("pointerdown", (event) => {
    const number = (event.target as Element).closest(".studio-number");
    const row = place(event);
    if (row) row.draggable = number !== null;
  });
  document.addEventListener("dragstart", (event) => {
    const row = place(event);
    if (!row?.draggable || !event.dataTransfer) return;
    held = row;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", row.id);
  });
  document.addEventListener("dragover", (event) => {
    if (held && place(event)) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    const row = place(event);
    if (held && row && row !== held) {
      event.preventDefault();
      move(held, row.dataset.position ?? "");
    }
    held = null;
  });
  document.addEventListener("dragend", () => {
    held = null;
  });
}

function move(row: HTMLElement, position: string): void {
  const button = row.querySelector<HTMLButtonElement>(`#up-${row.dataset.track}`);
  if (!button) return;
  button.disabled = false;
  button.value = position;
  button.click();
}
