import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "../api";
import type { Genre, TrackCard } from "../api/types";
import { number, t } from "../i18n";
import { lit } from "../state/colours";
import { useQuery } from "../state/query";
import { forget, forgetAll, recent, remember } from "../state/recent";
import { ask, query } from "../state/router";
import {
  type Asked,
  again,
  empty,
  filters,
  KINDS,
  more,
  NOTHING,
  read,
  results,
  useSearch,
  write,
} from "../state/search";
import { FoundLine } from "../ui/cards";
import { Icon } from "../ui/icons";
import { useLight } from "../ui/light";
import { CoverSet, Failure, IconButton, Invitation } from "../ui/parts";
import { FilterSheet } from "./filters";

const BONES = [1, 2, 3, 4, 5, 6];

export function Search(): JSX.Element {
  useLight(null);
  const asked = read(query.value);
  const [sheet, setSheet] = useState(false);
  const genres = useQuery<{ results: Genre[] }>("genres", api.genres).data?.results ?? [];
  useSearch(asked);
  const change = (to: Partial<Asked>) => ask(write({ ...asked, ...to }));
  const on = filters(asked);
  return (
    <div class="search">
      <h1 class="visually-hidden">{t("search.title")}</h1>
      <search class="search-bar">
        <Field asked={asked} change={change} />
        <span class="search-filters">
          <IconButton
            icon="sliders"
            label={on ? t("search.filters.on", { count: on }) : t("search.filters")}
            press={() => setSheet(true)}
            kind={on ? "is-on" : ""}
          />
        </span>
      </search>
      {empty(asked) ? (
        <Blank genres={genres} change={change} />
      ) : (
        <>
          <Kinds asked={asked} change={change} />
          <Results asked={asked} change={change} />
        </>
      )}
      {sheet && (
        <FilterSheet asked={asked} genres={genres} change={change} close={() => setSheet(false)} />
      )}
    </div>
  );
}

interface Part {
  asked: Asked;
  change: (to: Partial<Asked>) => void;
}

function Field({ asked, change }: Part): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  // With a keyboard of its own nothing is in the way: typing can begin at once.
  useEffect(() => {
    if (!asked.q && matchMedia("(hover: hover)").matches) {
      input.current?.focus({ preventScroll: true });
    }
  }, []);
  return (
    <form
      class="search-field"
      onSubmit={(event) => {
        event.preventDefault();
        remember(asked.q);
        input.current?.blur();
      }}
    >
      <Icon name="search" size={20} />
      <input
        ref={input}
        type="search"
        value={asked.q}
        maxLength={100}
        placeholder={t("search.placeholder")}
        aria-label={t("search.title")}
        autocomplete="off"
        autocorrect="off"
        autocapitalize="none"
        spellcheck={false}
        enterkeyhint="search"
        onInput={(event) => change({ q: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key === "Escape" && asked.q) {
            event.preventDefault();
            change({ q: "" });
          }
        }}
      />
      {asked.q && (
        <IconButton
          icon="close"
          label={t("search.clear")}
          size={18}
          press={() => {
            change({ q: "" });
            input.current?.focus();
          }}
        />
      )}
    </form>
  );
}

function Kinds({ asked, change }: Part): JSX.Element {
  return (
    <fieldset class="chips chips-kind">
      <legend class="visually-hidden">{t("search.kind")}</legend>
      {[null, ...KINDS].map((kind) => (
        <button
          key={kind}
          type="button"
          class="chip"
          aria-pressed={asked.kind === kind}
          onClick={() => change({ kind })}
        >
          {t(`search.kind.${kind ?? "all"}`)}
        </button>
      ))}
    </fieldset>
  );
}

function Results({ asked, change }: Part): JSX.Element {
  const { page, problem, loading } = results.value;
  if (problem && !page) return <Failure problem={problem} retry={again} />;
  if (!page) return <Bones />;
  if (page.results.length === 0 && !loading) return <None asked={asked} change={change} />;
  const tracks = page.results.map((each) => each.track).filter((each): each is TrackCard => !!each);
  const count = page.results.length;
  return (
    <section aria-label={t("search.title")} aria-busy={loading}>
      <p class="visually-hidden" role="status">
        {!loading && t(page.next ? "search.found.more" : "search.found", { count: number(count) })}
      </p>
      <ul class={`entries ${loading ? "entries-waiting" : ""}`}>
        {page.results.map((found) => {
          const thing = found[found.kind];
          if (!thing) return null;
          return (
            <li key={thing.id}>
              <FoundLine found={found} tracks={tracks} press={() => remember(asked.q)} />
            </li>
          );
        })}
      </ul>
      {page.next && !loading && <More />}
    </section>
  );
}

function More(): JSX.Element {
  const [busy, setBusy] = useState(false);
  const press = () => {
    setBusy(true);
    more()
      .catch(() => undefined)
      .finally(() => setBusy(false));
  };
  return (
    <button type="button" class="button more" disabled={busy} onClick={press}>
      {t("common.more")}
    </button>
  );
}

function Bones(): JSX.Element {
  return (
    <div class="entries" role="status" aria-busy="true">
      <p class="visually-hidden">{t("common.loading")}</p>
      {BONES.map((bone) => (
        <div key={bone} class="entry entry-bone" aria-hidden="true">
          <span class="thumb bone" />
          <span class="entry-main">
            <span class="bone bone-line-short" />
          </span>
        </div>
      ))}
    </div>
  );
}

function None({ asked, change }: Part): JSX.Element {
  const narrow = filters(asked) > 0 || asked.kind !== null;
  return (
    <Invitation
      title={
        asked.q.trim() ? t("search.none", { words: asked.q.trim() }) : t("search.none.filtered")
      }
      text={t(narrow ? "search.none.filtered.text" : "search.none.text")}
    >
      {narrow && (
        <button type="button" class="button" onClick={() => change({ ...NOTHING, q: asked.q })}>
          {t("search.reset")}
        </button>
      )}
    </Invitation>
  );
}

/** Before anything is typed: what was looked for here, and what there is. */
function Blank({ genres, change }: { genres: Genre[]; change: Part["change"] }): JSX.Element {
  const before = recent.value;
  if (before.length === 0 && genres.length === 0) {
    return <Invitation title={t("search.invite.title")} text={t("search.invite.text")} />;
  }
  return (
    <>
      {before.length > 0 && <Recent before={before} change={change} />}
      {genres.length > 0 && (
        <section class="block" aria-label={t("search.browse")}>
          <h2 class="subtitle">{t("search.browse")}</h2>
          <ul class="genres">
            {genres.map((genre) => (
              <li key={genre.key}>
                <GenreTile
                  genre={genre}
                  press={() => change({ genre: genre.key, kind: "release" })}
                />
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function Recent({ before, change }: { before: string[]; change: Part["change"] }): JSX.Element {
  return (
    <section class="recent" aria-label={t("search.recent")}>
      <div class="block-head">
        <h2 class="subtitle">{t("search.recent")}</h2>
        <button type="button" class="block-all" onClick={forgetAll}>
          {t("search.recent.clear")}
        </button>
      </div>
      <ul>
        {before.map((words) => (
          <li key={words} class="recent-row">
            <button type="button" class="recent-words" onClick={() => change({ q: words })}>
              <Icon name="history" size={20} />
              <span>{words}</span>
            </button>
            <IconButton
              icon="close"
              size={16}
              label={t("search.recent.forget", { words })}
              press={() => forget(words)}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

function GenreTile({ genre, press }: { genre: Genre; press: () => void }): JSX.Element {
  return (
    <button type="button" class="genre lit" style={lit(genre.colours)} onClick={press}>
      <b>{genre.name}</b>
      <small>{t("search.browse.count", { count: genre.releases })}</small>
      <CoverSet url={genre.cover.url} sizes="96px">
        <img
          class="genre-cover"
          src={genre.cover.url}
          alt=""
          width={88}
          height={88}
          loading="lazy"
        />
      </CoverSet>
    </button>
  );
}
