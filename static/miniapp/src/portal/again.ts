import { Idiomorph } from "idiomorph";
import { enable } from "./buttons";

/**
 * A server-rendered page that waits for something keeps itself true: while a part of it carries
 * data-again="<seconds>", the page is asked for anew that often, and what differs is changed in
 * place. Focus, open dialogs and the place in the page stay; a live region says what is new.
 * Without scripts the page's own <noscript> loads it anew instead.
 */
const waits = () => document.querySelector<HTMLElement>("[data-again]");
const PATIENCE = 15_000; // ms

// What a script of the page has put there stays: words about a step, a button in the midst of it.
const ours = (node: Node) =>
  node instanceof HTMLElement && node.matches("[data-progress], [data-error], [aria-busy]");

/**
 * Title and main part of a page. Not all of it: its <style> carries the nonce of its own answer,
 * which the policy of this page refuses wherever it is parsed.
 */
function read(text: string): Document {
  const element = (tag: string) => text.slice(text.indexOf(`<${tag}`), text.indexOf(`</${tag}>`));
  const parts = `${element("title")}</title>${element("main")}`;
  return new DOMParser().parseFromString(parts, "text/html");
}

async function look(part: HTMLElement): Promise<void> {
  const answer = await fetch(location.pathname, {
    headers: { Accept: "text/html" },
    credentials: "same-origin",
    signal: AbortSignal.timeout(PATIENCE),
  });
  // Somewhere else now, as after the session's end: the browser goes there as on any reload.
  if (answer.redirected) return location.assign(answer.url);
  if (!answer.ok) return;
  const page = read(await answer.text());
  const fresh = page.querySelector("[data-told]");
  if (!fresh) return location.reload();
  document.title = page.title;
  enable(page);
  Idiomorph.morph(part, fresh, { callbacks: { beforeNodeMorphed: (node) => !ours(node) } });
}

function wait(): void {
  const part = waits();
  if (!part) return;
  setTimeout(() => {
    look(part)
      .catch(() => undefined) // away for a moment: the next look tells
      .finally(wait);
  }, Number(part.dataset.again) * 1000);
}

wait();
