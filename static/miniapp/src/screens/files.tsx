import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ProvedFile } from "../api/types";
import { percent, t } from "../i18n";
import { check, type Verdict } from "../proof/check";
import { haptic } from "../telegram";
import { Icon } from "../ui/icons";
import { CopyLine } from "../ui/parts";

type Standing = { part: number } | Verdict;

const isVerdict = (standing: Standing | undefined): standing is Verdict =>
  standing !== undefined && "outcome" in standing;

/** The files that the edition stands for; those that are open are checked by the reader's browser. */
export function Files({ files }: { files: ProvedFile[] }): JSX.Element {
  const [standings, setStandings] = useState<Record<string, Standing>>({});
  const [busy, setBusy] = useState(false);
  const able = typeof crypto !== "undefined" && Boolean(crypto.subtle);
  const open = files.filter((file) => file.url !== null);
  const note = (cid: string, standing: Standing) =>
    setStandings((before) => ({ ...before, [cid]: standing }));
  const run = async () => {
    setBusy(true);
    setStandings({});
    // One after another: a phone's memory and connection are somebody's.
    for (const { cid, url, size, profile } of open) {
      note(cid, { part: 0 });
      const asked = { cid, url: url ?? "", size, profile };
      note(cid, await check(asked, (part) => note(cid, { part })));
    }
    haptic.success();
    setBusy(false);
  };
  const verdicts = open.map((file) => standings[file.cid]).filter(isVerdict);
  const over = open.length > 0 && verdicts.length === open.length;
  return (
    <section class="block">
      <h2 class="subtitle">{t("certificate.check")}</h2>
      <p class="soft">{t("certificate.check.text")}</p>
      <ol class="files">
        {files.map((file) => (
          <li key={file.cid}>
            <File file={file} standing={standings[file.cid]} />
          </li>
        ))}
      </ol>
      <div role="status">{over && <Sum verdicts={verdicts} />}</div>
      {able ? (
        open.length > 0 && (
          <button
            type="button"
            class="button button-strong no-print files-go"
            disabled={busy}
            onClick={() => void run()}
          >
            {t(over ? "certificate.check.again" : "certificate.check.go")}
          </button>
        )
      ) : (
        <p class="notice">{t("certificate.check.insecure")}</p>
      )}
    </section>
  );
}

function File({
  file,
  standing,
}: {
  file: ProvedFile;
  standing: Standing | undefined;
}): JSX.Element {
  return (
    <div class="file">
      <p class="file-name">{t(`certificate.file.${file.kind}`, { title: file.title })}</p>
      <CopyLine value={file.cid} />
      {file.encrypted && <CopyLine value={file.sha256} />}
      <Says file={file} standing={standing} />
    </div>
  );
}

function Says({
  file,
  standing,
}: {
  file: ProvedFile;
  standing: Standing | undefined;
}): JSX.Element {
  if (file.encrypted) return <p class="paper-note">{t("certificate.file.sealed")}</p>;
  if (file.url === null) return <p class="paper-note">{t("certificate.file.closed")}</p>;
  if (!standing) return <p class="paper-note">{t("certificate.file.waits")}</p>;
  if (!isVerdict(standing)) {
    const done = percent(Math.round(standing.part * 100) * 100);
    return <p class="paper-note">{t("certificate.file.running", { percent: done })}</p>;
  }
  const { outcome, blocks, cid } = standing;
  const icon = { right: "check", wrong: "close", failed: "minus" } as const;
  return (
    <>
      <p class={`verdict verdict-${outcome}`}>
        <Icon name={icon[outcome]} size={16} />
        <span>
          {t(`certificate.file.${outcome}`)}
          {outcome === "right" && (
            <span class="soft"> · {t("certificate.file.blocks", { count: blocks })}</span>
          )}
        </span>
      </p>
      {outcome === "wrong" && cid && <p class="mono bad">{cid}</p>}
    </>
  );
}

function Sum({ verdicts }: { verdicts: Verdict[] }): JSX.Element {
  const has = (outcome: Verdict["outcome"]) => verdicts.some((each) => each.outcome === outcome);
  const outcome = has("wrong") ? "wrong" : has("failed") ? "failed" : "right";
  const words = {
    right: "certificate.all.right",
    wrong: "certificate.all.wrong",
    failed: "certificate.some.failed",
  } as const;
  return (
    <p class={`verdict verdict-sum verdict-${outcome}`}>
      <Icon name={outcome === "right" ? "seal" : "close"} size={22} />
      {t(words[outcome])}
    </p>
  );
}
