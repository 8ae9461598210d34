import { computed, signal } from "@preact/signals";

export type Route =
  | { name: "home" | "collection" | "profile" | "orders" | "missing" }
  | { name: "drop" | "order" | "item" | "artist" | "gift"; key: string };

const BASE = "/app";
const plain = {
  "": "home",
  collection: "collection",
  profile: "profile",
  orders: "orders",
} as const;
const keyed = {
  drops: "drop",
  orders: "order",
  items: "item",
  artists: "artist",
  gift: "gift",
} as const;

export function parse(path: string): Route {
  const [head = "", key, ...rest] = path.slice(BASE.length).split("/").filter(Boolean);
  if (rest.length > 0) return { name: "missing" };
  if (key !== undefined && head in keyed) {
    return { name: keyed[head as keyof typeof keyed], key: decodeURIComponent(key) };
  }
  if (key === undefined && head in plain) return { name: plain[head as keyof typeof plain] };
  return { name: "missing" };
}

export const href = {
  home: () => `${BASE}/`,
  collection: () => `${BASE}/collection`,
  profile: () => `${BASE}/profile`,
  orders: () => `${BASE}/orders`,
  drop: (id: string) => `${BASE}/drops/${encodeURIComponent(id)}`,
  order: (id: string) => `${BASE}/orders/${encodeURIComponent(id)}`,
  item: (address: string) => `${BASE}/items/${encodeURIComponent(address)}`,
  gift: (secret: string) => `${BASE}/gift/${encodeURIComponent(secret)}`,
  /** The shop on the open web: where an ordinary browser pays. Never linked inside Telegram. */
  store: (id: string) => `/drops/${encodeURIComponent(id)}`,
  artist: (slug: string) => `${BASE}/artists/${encodeURIComponent(slug)}`,
};

const path = signal(location.pathname);
export const route = computed(() => parse(path.value));
/** Tab roots have no way back but out. */
export const depth = signal(0);

const places = new Map<string, number>();
let place = 0;

const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** The cover grows from list to page as one element, where the browser can. */
export function show(change: () => void): void {
  if (!document.startViewTransition || calm.matches) {
    change();
    return;
  }
  const growing = document.startViewTransition(async () => {
    change();
    // Frames stand still inside a transition; a timer lets the new page be drawn first.
    await new Promise((drawn) => setTimeout(drawn));
  });
  // A turned phone, or the next page, ends the animation early: the page itself stands.
  growing.ready.catch(() => undefined);
}

function arrive(to: string, scroll: number): void {
  show(() => {
    path.value = to;
  });
  requestAnimationFrame(() => scrollTo(0, scroll));
}

export function go(to: string, replace = false): void {
  if (to === path.value) return;
  places.set(String(place), scrollY);
  if (!replace) {
    place += 1;
    depth.value += 1;
  }
  history[replace ? "replaceState" : "pushState"]({ place, depth: depth.value }, "", to);
  arrive(to, 0);
}

/** Back within the application; from a shared link there is nothing behind, so home. */
export function back(): void {
  if (depth.value > 0) history.back();
  else go(href.home(), true);
}

export function startRouter(): void {
  history.scrollRestoration = "manual";
  const state = history.state as { place?: number; depth?: number } | null;
  place = state?.place ?? 0;
  depth.value = state?.depth ?? 0;
  addEventListener("popstate", (event) => {
    places.set(String(place), scrollY);
    const arrived = event.state as { place?: number; depth?: number } | null;
    place = arrived?.place ?? 0;
    depth.value = arrived?.depth ?? 0;
    if (location.pathname !== path.value) arrive(location.pathname, places.get(String(place)) ?? 0);
  });
  document.addEventListener("click", (event) => {
    const link = (event.target as Element | null)?.closest("a");
    const modified = event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0;
    if (!link || modified || event.defaultPrevented || link.target === "_blank") return;
    if (link.origin !== location.origin || !link.pathname.startsWith(`${BASE}/`)) return;
    event.preventDefault();
    go(link.pathname);
  });
}

/**
 * Parts joined by "-", each a letter and a value: "d" and the drop's id in 32 hex digits, "g" and a
 * gift's secret in 40, "r" and a referral code (read by the server alone, from the signed launch).
 */
export function fromStartParam(value: string | null): string | null {
  const parts = (value ?? "").split("-");
  const gift = parts.find((part) => /^g[0-9a-f]{40}$/.test(part));
  if (gift) return href.gift(gift.slice(1));
  const id = parts.find((part) => /^d[0-9a-f]{32}$/.test(part));
  const cut = id && /^d(.{8})(.{4})(.{4})(.{4})(.{12})$/.exec(id);
  return cut ? href.drop(cut.slice(1).join("-")) : null;
}
