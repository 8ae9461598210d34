import { computed, signal } from "@preact/signals";

export type Route =
  | { name: "settings" | "sessions" | "privacy" | "referrals" | "verify" }
  | { name: "home" | "search" | "library" | "profile" | "orders" | "notifications" | "missing" }
  | {
      name:
        | "drop"
        | "release"
        | "track"
        | "playlist"
        | "join"
        | "order"
        | "item"
        | "artist"
        | "gift"
        | "certificate"
        | "leaders";
      key: string;
    };

const BASE = "/app";
const plain = {
  "": "home",
  library: "library",
  collection: "library", // the library, opened at what was collected
  search: "search",
  profile: "profile",
  orders: "orders",
  notifications: "notifications",
  history: "orders",
  settings: "settings",
  sessions: "sessions",
  privacy: "privacy",
  referrals: "referrals",
  verify: "verify",
} as const;
const keyed = {
  drops: "drop",
  orders: "order",
  items: "item",
  artists: "artist",
  tracks: "track",
  releases: "release",
  gift: "gift",
  certificate: "certificate",
  leaders: "leaders",
  playlists: "playlist",
  join: "join",
} as const;

export function parse(path: string): Route {
  const bare = path.split("?")[0] ?? "";
  const [head = "", key, ...rest] = bare.slice(BASE.length).split("/").filter(Boolean);
  if (rest.length > 0) return { name: "missing" };
  if (key !== undefined && head in keyed) {
    return { name: keyed[head as keyof typeof keyed], key: decodeURIComponent(key) };
  }
  if (key === undefined && head in plain) return { name: plain[head as keyof typeof plain] };
  return { name: "missing" };
}

export const href = {
  home: () => `${BASE}/`,
  library: () => `${BASE}/library`,
  /** What is looked for stands in the address, so that going back finds it again. */
  search: (asked = "") => `${BASE}/search${asked && `?${asked}`}`,
  collection: () => `${BASE}/collection`,
  profile: () => `${BASE}/profile`,
  orders: () => `${BASE}/history`,
  notifications: () => `${BASE}/notifications`,
  certificate: (address: string) => `${BASE}/certificate/${encodeURIComponent(address)}`,
  /** The collectors of a drop (its id) or of an artist (his slug). */
  leaders: (of: string) => `${BASE}/leaders/${encodeURIComponent(of)}`,
  settings: () => `${BASE}/settings`,
  sessions: () => `${BASE}/sessions`,
  privacy: () => `${BASE}/privacy`,
  referrals: () => `${BASE}/referrals`,
  verify: () => `${BASE}/verify`,
  drop: (id: string) => `${BASE}/drops/${encodeURIComponent(id)}`,
  order: (id: string) => `${BASE}/orders/${encodeURIComponent(id)}`,
  item: (address: string) => `${BASE}/items/${encodeURIComponent(address)}`,
  gift: (secret: string) => `${BASE}/gift/${encodeURIComponent(secret)}`,
  playlist: (key: string) => `${BASE}/playlists/${encodeURIComponent(key)}`,
  join: (token: string) => `${BASE}/join/${encodeURIComponent(token)}`,
  /** The shop on the open web: where an ordinary browser pays. Never linked inside Telegram. */
  store: (id: string) => `/drops/${encodeURIComponent(id)}`,
  track: (id: string) => `${BASE}/tracks/${encodeURIComponent(id)}`,
  release: (id: string) => `${BASE}/releases/${encodeURIComponent(id)}`,
  artist: (slug: string) => `${BASE}/artists/${encodeURIComponent(slug)}`,
};

const here = () => location.pathname + location.search;
const path = signal(here());
export const route = computed(() => parse(path.value));
/** What stands behind the address's question mark. */
export const query = computed(() => path.value.split("?")[1] ?? "");
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

/** Another question behind the same address: the page stays where it is, and so does "back". */
export function ask(question: string): void {
  const to = location.pathname + (question && `?${question}`);
  if (to === path.value) return;
  history.replaceState(history.state, "", to);
  path.value = to;
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
    if (here() !== path.value) arrive(here(), places.get(String(place)) ?? 0);
  });
  document.addEventListener("click", (event) => {
    const link = (event.target as Element | null)?.closest("a");
    const modified = event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0;
    if (!link || modified || event.defaultPrevented || link.target === "_blank") return;
    if (link.origin !== location.origin || !link.pathname.startsWith(`${BASE}/`)) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}

/** What a start parameter opens, by the letter of its part; see referrals/start_param.py. */
const OPENS: Record<string, { value: RegExp; to: (value: string) => string }> = {
  g: { value: /^[0-9a-f]{40}$/, to: (secret) => href.gift(secret) },
  j: { value: /^[0-9a-f]{40}$/, to: (secret) => `${BASE}/join/${secret}` },
  n: { value: /^[0-9a-f]{64}$/, to: (address) => href.item(`0:${address}`) },
  d: { value: /^[0-9a-f]{32}$/, to: (id) => href.drop(dashed(id)) },
  l: { value: /^[0-9a-f]{32}$/, to: (id) => `${BASE}/releases/${dashed(id)}` },
  t: { value: /^[0-9a-f]{32}$/, to: (id) => `${BASE}/tracks/${dashed(id)}` },
  a: { value: /^[0-9a-f]{32}$/, to: (id) => href.artist(dashed(id)) },
  p: { value: /^[0-9a-f]{32}$/, to: (id) => `${BASE}/playlists/${dashed(id)}` },
};

const dashed = (hex: string) => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");

/**
 * Where a shared link leads: parts joined by "-", each a letter and a value. "r" and a referral code
 * are read by the server alone, from the signed launch. Null when it names nothing that we know.
 */
export function fromStartParam(value: string | null): string | null {
  for (const part of (value ?? "").split("-")) {
    const known = OPENS[part.slice(0, 1)];
    if (known?.value.test(part.slice(1))) return known.to(part.slice(1));
  }
  return null;
}

/** The same the other way: what a link of ours carries for a thing, without a referral code. */
export function startParamOf(what: string, id: string): string {
  const letters: Record<string, string> = {
    drop: "d",
    release: "l",
    track: "t",
    artist: "a",
    playlist: "p",
  };
  return `${letters[what] ?? ""}${id.replaceAll("-", "")}`;
}
