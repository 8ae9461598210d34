// The desk without a framework: the command palette, parts of a page that look again, and what
// the stock templates leave out for who cannot see or has no mouse.

// --- the command palette: Ctrl+K or Cmd+K --------------------------------------------------------
const dialog = document.querySelector("[data-desk-palette-dialog]");
const pages = JSON.parse(document.querySelector("#desk-places")?.textContent ?? "[]");

/** Every word that was typed begins some word of the page's label or of its other names. */
function fits(page, typed) {
  const words = `${page.label} ${page.words}`.toLowerCase().split(/\s+/);
  return typed.every((part) => words.some((word) => word.startsWith(part)));
}

function palette() {
  const field = dialog.querySelector("input");
  const list = dialog.querySelector("ul");
  let chosen = 0;

  function show() {
    const typed = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = pages.filter((page) => fits(page, typed)).slice(0, 12);
    chosen = Math.max(0, Math.min(chosen, found.length - 1));
    list.replaceChildren(
      ...found.map((page, place) => {
        const row = document.createElement("li");
        row.id = `desk-place-${place}`;
        row.role = "option";
        row.ariaSelected = String(place === chosen);
        row.textContent = page.label;
        row.addEventListener("click", () => location.assign(page.url));
        return row;
      }),
    );
    if (found.length) field.setAttribute("aria-activedescendant", `desk-place-${chosen}`);
    else field.removeAttribute("aria-activedescendant");
    list.children[chosen]?.scrollIntoView({ block: "nearest" });
  }

  field.addEventListener("input", () => {
    chosen = 0;
    show();
  });
  field.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      const length = list.children.length || 1;
      chosen = (chosen + step + length) % length;
      show();
    } else if (event.key === "Enter") {
      event.preventDefault();
      list.children[chosen]?.click();
    }
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  return () => {
    if (dialog.open) return;
    field.value = "";
    chosen = 0;
    show();
    dialog.showModal();
  };
}

if (dialog) {
  const open = palette();
  document.querySelector("[data-desk-palette]")?.addEventListener("click", open);
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
  });
}

// --- [data-desk-poll="/address"]: looked at again while it holds [data-desk-again] ---------------
const EVERY = 1000; // ms

async function look(part) {
  if (!part.querySelector("[data-desk-again]")) return;
  try {
    const answer = await fetch(part.dataset.deskPoll, { headers: { Accept: "text/html" } });
    if (answer.ok) part.innerHTML = await answer.text();
  } catch {
    // Away for a moment: the next look tells.
  }
  if (part.querySelector("[data-desk-again]")) setTimeout(look, EVERY, part);
  else location.reload(); // what came out of it stands elsewhere on the page
}

for (const part of document.querySelectorAll("[data-desk-poll]")) setTimeout(look, EVERY, part);

// --- what the stock templates leave out ----------------------------------------------------------
document.querySelector("#searchbar")?.setAttribute("aria-label", "Search");

for (const head of document.querySelectorAll("thead th")) {
  if (head.textContent.trim() || head.querySelector("img, input")) continue;
  const corner = document.createElement("td"); // the head of nothing is none
  corner.className = head.className;
  head.replaceWith(corner);
}

for (const wide of document.querySelectorAll(".inline-group .tabular")) {
  wide.tabIndex = 0; // so that arrows scroll it
  wide.role = "region";
  wide.ariaLabel = wide.querySelector("h2")?.textContent.trim() ?? "Table";
}
