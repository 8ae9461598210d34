import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../api";
import { asProblem } from "../api/problem";
import { signedIn } from "../api/session";
import type { MyVerification, Verification } from "../api/types";
import { type Key, t } from "../i18n";
import { put, useQuery } from "../state/query";
import { haptic } from "../telegram";
import { useLight } from "../ui/light";
import { explain, Failure, Invitation, Skeleton, Verified } from "../ui/parts";
import { say } from "../ui/toast";

const KEY = "verification";
const STEPS: Key[] = ["verify.step.1", "verify.step.2", "verify.step.3", "verify.step.4"];
const AT: Record<Verification["state"], number> = {
  draft: 0,
  submitted: 1,
  in_review: 2,
  more_info: 0,
  approved: 3,
  rejected: 3,
  revoked: 3,
};

export function Verify(): JSX.Element {
  useLight(null);
  const guest = signedIn.value === "guest";
  const { data, problem, retry } = useQuery<MyVerification>(guest ? null : KEY, api.verification);
  const [again, setAgain] = useState(false);
  if (guest) return <Invitation title={t("verify.title")} text={t("verify.guest")} alone />;
  if (!data) {
    if (problem) return <Failure problem={problem} retry={retry} />;
    return <Skeleton shapes={["title", "line", "row", "row", "button"]} />;
  }
  const current = data.current;
  const over = current && AT[current.state] === 3;
  const writable = !current || current.state === "draft" || current.state === "more_info";
  return (
    <div class="narrow">
      <h1 class="title page-head">{t("verify.title")}</h1>
      <p class="prose soft">{t("verify.lead")}</p>
      {current && !again && <Standing current={current} />}
      {(writable || again) && (
        <Form key={current?.id ?? "new"} mine={data} current={over ? null : current} />
      )}
      {over && current.state !== "approved" && !again && (
        <button type="button" class="button wide" onClick={() => setAgain(true)}>
          {t("verify.again")}
        </button>
      )}
    </div>
  );
}

function Standing({ current }: { current: Verification }): JSX.Element {
  const at = AT[current.state];
  return (
    <section class="block" aria-live="polite">
      <ol class="track-steps">
        {STEPS.map((step, place) => (
          <li
            key={step}
            class={place <= at ? "done" : ""}
            aria-current={place === at ? "step" : undefined}
          >
            {t(step)}
          </li>
        ))}
      </ol>
      <p class="standing">
        {t(`verify.state.${current.state}`, { name: current.name })}
        {current.state === "approved" && <Verified />}
      </p>
      {current.answer && current.state !== "approved" && (
        <p class="notice prose">{current.answer}</p>
      )}
    </section>
  );
}

interface Written {
  name: string;
  links: string;
  proof: string;
  artist: string;
}

function Form({
  mine,
  current,
}: {
  mine: MyVerification;
  current: Verification | null;
}): JSX.Element {
  const pages = mine.artists.filter((page) => !page.verified);
  const [said, setSaid] = useState<Written>({
    name: current?.name ?? pages[0]?.name ?? "",
    links: current?.links.join("\n") ?? "",
    proof: current?.proof ?? "",
    artist: current ? (current.artist ?? "") : (pages[0]?.id ?? ""),
  });
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const write = (name: keyof Written) => (event: { currentTarget: { value: string } }) => {
    setSaid({ ...said, [name]: event.currentTarget.value });
  };
  const save = async (submit: boolean) => {
    setBusy(true);
    setTrouble(null);
    try {
      let kept = await api.saveVerification({
        name: said.name,
        links: said.links.split("\n").map(https).filter(Boolean),
        proof: said.proof,
        artist: said.artist || null,
      });
      if (submit) kept = await api.submitVerification();
      put<MyVerification>(KEY, () => kept);
      haptic.success();
      if (!submit) say(t("verify.saved"));
    } catch (error) {
      haptic.error();
      setTrouble(explain(asProblem(error)));
    }
    setBusy(false);
  };
  const drop = async () => {
    await api.dropVerification().catch(() => undefined);
    put<MyVerification>(KEY, (known) => known && { ...known, current: null });
  };
  return (
    <form
      class="block form"
      onSubmit={(event) => {
        event.preventDefault();
        void save(true);
      }}
    >
      {pages.length > 0 && (
        <label class="form-field">
          <span>{t("verify.page")}</span>
          <select class="input" value={said.artist} onChange={write("artist")}>
            {pages.map((page) => (
              <option key={page.id} value={page.id}>
                {page.name}
              </option>
            ))}
            <option value="">{t("verify.page.new")}</option>
          </select>
        </label>
      )}
      <label class="form-field">
        <span>{t("verify.name")}</span>
        <input class="input" required maxLength={120} value={said.name} onInput={write("name")} />
      </label>
      <label class="form-field">
        <span>{t("verify.links")}</span>
        <textarea
          class="input"
          rows={3}
          inputMode="url"
          value={said.links}
          onInput={write("links")}
        />
        <small class="soft">{t("verify.links.text")}</small>
      </label>
      <label class="form-field">
        <span>{t("verify.proof")}</span>
        <textarea
          class="input"
          rows={5}
          maxLength={4000}
          value={said.proof}
          onInput={write("proof")}
        />
        <small class="soft">{t("verify.proof.text")}</small>
      </label>
      {trouble && (
        <p class="notice notice-bad" role="alert">
          {trouble}
        </p>
      )}
      <button type="submit" class="primary" disabled={busy || !said.name.trim()}>
        {t("verify.submit")}
      </button>
      <button
        type="button"
        class="button"
        disabled={busy || !said.name.trim()}
        onClick={() => void save(false)}
      >
        {t("verify.save")}
      </button>
      <p class="soft small">
        {t("verify.files")}{" "}
        <a class="link" href="/portal/verification" target="_blank" rel="noreferrer">
          {t("verify.portal")}
        </a>
      </p>
      {current?.state === "draft" && (
        <button type="button" class="link bad drop-draft" onClick={() => void drop()}>
          {t("verify.drop")}
        </button>
      )}
    </form>
  );
}

/** People write addresses without their scheme. */
function https(line: string): string {
  const text = line.trim();
  return text && !/^[a-z]+:\/\//i.test(text) ? `https://${text}` : text;
}
