import type { JSX } from "preact";
import { api } from "../api";
import type { Leader, Leaders } from "../api/types";
import { number, t } from "../i18n";
import { useQuery } from "../state/query";
import { href } from "../state/router";

export type Of = { drop?: string; artist?: string };

const SHOWN = 5;

/** The first few, on a drop's or an artist's page; nothing while nobody holds anything. */
export function LeadersBlock({ of }: { of: Of }): JSX.Element | null {
  const key = of.drop ?? of.artist ?? "";
  const { data } = useQuery<Leaders>(`leaders-few:${key}`, () => api.collectors(of, SHOWN));
  if (!data || data.collectors === 0) return null;
  return (
    <section class="block">
      <div class="leaders-head">
        <h2 class="subtitle">{t("leaders.title")}</h2>
        <a class="leaders-all" href={href.leaders(key)}>
          {data.collectors > data.results.length
            ? t("leaders.all", { count: data.collectors })
            : t("leaders.see")}
        </a>
      </div>
      <LeaderList leaders={data.results} />
    </section>
  );
}

export function LeaderList({ leaders }: { leaders: Leader[] }): JSX.Element {
  return (
    <ol class="leaders">
      {leaders.map((leader) => (
        <li key={leader.place} class={leader.place <= 3 ? "leader leader-top" : "leader"}>
          <span class="leader-place">{number(leader.place)}</span>
          <span class="leader-face" aria-hidden="true">
            {leader.name ? [...leader.name.replace("@", "")][0] : "…"}
          </span>
          <span class="list-main">
            <b class={leader.name ? "" : "mono"}>{leader.name ?? leader.wallet}</b>
            <small class="soft">
              {t("leaders.first", { edition: number(leader.first_edition) })}
            </small>
          </span>
          <span class="leader-count">{t("leaders.editions", { count: leader.editions })}</span>
        </li>
      ))}
    </ol>
  );
}
