import { type Signal, signal } from "@preact/signals";
import type { ComponentType, JSX } from "preact";
import { useEffect } from "preact/hooks";
import { asProblem, type Problem } from "../api/problem";
import { t } from "../i18n";
import { Home } from "../screens/home";
import { href, type Route } from "../state/router";
import { Failure, Invitation, Skeleton } from "../ui/parts";

/** A screen gets what its address names: an id, a slug, an address; "" where there is nothing. */
export type Screen = ComponentType<{ of: string }>;
type Load = () => Promise<Screen>;

const loads: Load[] = [];

/** A screen that comes when it is first gone to, or in a quiet moment before. */
function later(load: Load): Screen {
  const ready: Signal<Screen | null> = signal(null);
  const problem: Signal<Problem | null> = signal(null);
  const fetch = () =>
    load().then(
      (screen) => {
        ready.value = screen;
        return screen;
      },
      (error: unknown) => {
        problem.value = asProblem(error);
        throw error;
      },
    );
  loads.push(fetch);
  return function Later({ of }): JSX.Element {
    useEffect(() => {
      if (!ready.peek()) void fetch().catch(() => undefined);
    }, []);
    const Ready = ready.value;
    if (Ready) return <Ready of={of} />;
    if (problem.value) return <Failure problem={problem.value} retry={fetch} />;
    return <Skeleton shapes={["cover", "title", "line"]} />;
  };
}

const CALM_MS = 4_000;

/**
 * Fetches all other screens, so that a page change is at once: when the first page has stood for a
 * while, or as soon as somebody touches it. Before that they would be in the way of its cover.
 */
export function prepare(): void {
  let begun = false;
  const begin = () => {
    if (begun) return;
    begun = true;
    for (const load of loads) void load().catch(() => undefined);
  };
  const soon = () => setTimeout(begin, CALM_MS);
  if (document.readyState === "complete") soon();
  else addEventListener("load", soon, { once: true });
  for (const touch of ["pointerdown", "keydown"]) {
    addEventListener(touch, begin, { once: true, passive: true });
  }
}

function Missing(): JSX.Element {
  return (
    <Invitation title={t("error.missing.title")} text={t("error.missing")} alone>
      <a class="button" href={href.home()}>
        {t("error.home")}
      </a>
    </Invitation>
  );
}

export const screens: Record<Route["name"], Screen> = {
  home: Home,
  library: later(() => import("../screens/library").then((made) => made.Library)),
  playlist: later(() => import("../screens/playlist").then((made) => made.PlaylistScreen)),
  join: later(() => import("../screens/join").then((made) => made.JoinScreen)),
  search: later(() => import("../screens/search").then((made) => made.Search)),
  track: later(() => import("../screens/track").then((made) => made.TrackScreen)),
  release: later(() => import("../screens/release").then((made) => made.ReleaseScreen)),
  profile: later(() => import("../screens/profile").then((made) => made.Profile)),
  orders: later(() => import("../screens/history").then((made) => made.History)),
  drop: later(() => import("../screens/drop").then((made) => made.DropScreen)),
  order: later(() => import("../screens/order").then((made) => made.OrderScreen)),
  item: later(() => import("../screens/item").then((made) => made.ItemScreen)),
  notifications: later(() => import("../screens/notifications").then((made) => made.Notifications)),
  gift: later(() => import("../screens/gift").then((made) => made.GiftScreen)),
  certificate: later(() => import("../screens/certificate").then((made) => made.CertificateScreen)),
  leaders: later(() => import("../screens/leaders").then((made) => made.LeadersScreen)),
  artist: later(() => import("../screens/artist").then((made) => made.ArtistScreen)),
  settings: later(() => import("../screens/settings").then((made) => made.Settings)),
  sessions: later(() => import("../screens/sessions").then((made) => made.Sessions)),
  privacy: later(() => import("../screens/privacy").then((made) => made.Privacy)),
  referrals: later(() => import("../screens/referrals").then((made) => made.Referrals)),
  verify: later(() => import("../screens/verify").then((made) => made.Verify)),
  missing: Missing,
};
