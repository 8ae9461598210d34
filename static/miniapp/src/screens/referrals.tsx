import type { JSX } from "preact";
import { api } from "../api";
import { signedIn } from "../api/session";
import type { Brought, Referral, Referrers, RewardBalance } from "../api/types";
import { date, type Key, month, number, percent, t } from "../i18n";
import { price } from "../state/money";
import { useQuery } from "../state/query";
import { href } from "../state/router";
import { passOn } from "../state/sharing";
import { appLink, haptic } from "../telegram";
import { useLight } from "../ui/light";
import { Near } from "../ui/near";
import { CopyLine, Failure, Invitation, Skeleton } from "../ui/parts";
import { Group } from "../ui/settings";
import { say } from "../ui/toast";

export function Referrals(): JSX.Element {
  useLight(null);
  const guest = signedIn.value === "guest";
  const { data, problem, retry } = useQuery<Referral>(guest ? null : "referral", api.referral);
  if (guest) {
    const link = appLink();
    return (
      <Invitation title={t("referrals.title")} text={t("referrals.guest")}>
        {link && (
          <a class="primary" href={link}>
            {t("profile.open")}
          </a>
        )}
      </Invitation>
    );
  }
  if (!data) {
    if (problem) return <Failure problem={problem} retry={retry} />;
    return <Skeleton shapes={["title", "line", "button", "row", "row"]} />;
  }
  return (
    <div class="narrow">
      <h1 class="title page-head">{t("referrals.title")}</h1>
      <p class="prose">{t("referrals.lead", { share: percent(data.rate_bps) })}</p>
      {data.campaign && (
        <p class="tag tag-glow">
          {t("referrals.campaign", { name: data.campaign.name, date: date(data.campaign.ends_at) })}
        </p>
      )}
      <Group title={t("referrals.link")}>
        <CopyLine value={data.link} />
        <button
          type="button"
          class="primary share-link"
          onClick={async () => {
            haptic.tap();
            if (await passOn(data.link, t("app.name"))) say(t("share.copied"));
          }}
        >
          {t("referrals.share")}
        </button>
      </Group>
      <Earned data={data} />
      <Group title={t("referrals.how")}>
        <ol class="how-steps">
          <li>{t("referrals.how.1")}</li>
          <li>{t("referrals.how.2")}</li>
          <li>{t("referrals.how.3")}</li>
        </ol>
      </Group>
      <People data={data} />
      <Leaders />
    </div>
  );
}

function Earned({ data }: { data: Referral }): JSX.Element {
  return (
    <Group title={t("referrals.earned")}>
      {data.balances.length === 0 && <p class="soft">{t("referrals.none")}</p>}
      {data.balances.map((each) => (
        <Balance key={each.earned.asset} balance={each} />
      ))}
      {data.months.length > 1 && (
        <details class="months">
          <summary>{t("referrals.months")}</summary>
          <ul class="list">
            {data.months.map((each) => (
              <li key={`${each.month}${each.earned.asset}`} class="list-row">
                <span class="list-main">{month(each.month)}</span>
                <span class="list-side">{price(each.earned)}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </Group>
  );
}

const PARTS: [keyof RewardBalance, Key][] = [
  ["payable", "referrals.payable"],
  ["held", "referrals.held"],
  ["paid", "referrals.paid"],
];

function Balance({ balance }: { balance: RewardBalance }): JSX.Element {
  return (
    <div class="balance">
      <p class="balance-sum">
        {price(balance.earned)} <Near money={balance.earned} />
      </p>
      <dl class="balance-parts">
        {PARTS.map(([name, label]) => (
          <div key={name}>
            <dt class="soft small">{t(label)}</dt>
            <dd>{price(balance[name])}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function People({ data }: { data: Referral }): JSX.Element | null {
  const { count, collected, newest } = data.people;
  if (count === 0) return null;
  const sum = [
    t("referrals.people.count", { count }),
    t("referrals.people.collected", { count: collected }),
  ].join(", ");
  return (
    <Group title={t("referrals.people")}>
      <p class="soft">{sum}</p>
      <ul class="list list-framed">
        {newest.map((friend) => (
          <li key={friend.since} class="list-row">
            <span class="list-main">
              {t("referrals.friend", { date: date(friend.since) })}
              <small class="soft">{t(standing(friend))}</small>
            </span>
          </li>
        ))}
      </ul>
    </Group>
  );
}

function standing(friend: Brought): Key {
  if (friend.state === "held") return "referrals.friend.held";
  if (friend.state === "refused") return "referrals.friend.refused";
  return friend.collected ? "referrals.friend.collected" : "referrals.friend.listening";
}

function Leaders(): JSX.Element | null {
  const { data } = useQuery<Referrers>("referrers", api.referrers);
  if (!data) return null;
  const mine = data.you && !data.results.some((row) => row.you) ? [{ ...data.you, you: true }] : [];
  return (
    <Group title={t("referrals.leaders")} text={t("referrals.leaders.text", { days: data.days })}>
      {data.results.length === 0 && <p class="soft">{t("referrals.leaders.none")}</p>}
      <ol class="list list-framed leaders">
        {[...data.results, ...mine].map((row) => (
          <li
            key={`${row.place}${row.name}${row.you}`}
            class={`list-row ${row.you ? "leader-you" : ""}`}
          >
            <span class={`place ${row.place <= 3 ? "place-first" : ""}`}>{number(row.place)}</span>
            <b class="list-main">
              {row.you ? `${row.name} (${t("referrals.leaders.you")})` : row.name}
            </b>
            <span class="list-side soft">{t("referrals.people.count", { count: row.people })}</span>
          </li>
        ))}
      </ol>
      <a class="link small leaders-out" href={href.privacy()}>
        {t("referrals.leaders.privacy")}
      </a>
    </Group>
  );
}
