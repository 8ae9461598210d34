import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { asProblem } from "../api/problem";
import type { Nonce, WalletProof } from "../api/types";
import { type Key, t } from "../i18n";
import { haptic, telegram } from "../telegram";
import { Icon } from "../ui/icons";
import { CopyLine, explain } from "../ui/parts";
import { Sheet } from "../ui/sheet";
import { ask, forget, type Pending, WalletRefusal } from "./connect";
import { QrCode } from "./qr";
import { type Choice, choices, developmentWallet } from "./wallets";

/** Where the proof goes: the Mini App's API, or a portal's own addresses. */
export interface Door {
  nonce: () => Promise<Nonce>;
  link: (proof: WalletProof) => Promise<unknown>;
}

type Stage =
  | { name: "choose" }
  | { name: "waiting"; choice: Choice; link: string | null }
  | { name: "proving" };

const handheld = () => matchMedia("(pointer: coarse)").matches;

function openLink(link: string): void {
  const app = telegram.value;
  if (!app) window.open(link, "_blank", "noopener");
  else if (link.startsWith("https://t.me/")) app.openTelegramLink(link);
  else app.openLink(link);
}

export default function WalletSheet({
  door,
  close,
  done,
}: {
  door: Door;
  close: () => void;
  done: () => void;
}): JSX.Element {
  const [stage, setStage] = useState<Stage>({ name: "choose" });
  const [trouble, setTrouble] = useState<string | null>(null);
  const pending = useRef<Pending | null>(null);
  useEffect(() => () => pending.current?.stop(), []);

  const pick = async (choice: Choice) => {
    haptic.tap();
    setTrouble(null);
    pending.current?.stop();
    setStage({ name: "waiting", choice, link: null });
    try {
      const nonce = await door.nonce();
      const asked = await ask(choice, nonce.payload);
      pending.current = asked;
      setStage({ name: "waiting", choice, link: asked.link });
      if (asked.link && handheld()) openLink(asked.link);
      const proof = await asked.proof;
      // Connected: from here on, closing the sheet must not take the wallet away again.
      pending.current = null;
      setStage({ name: "proving" });
      await door.link(proof);
      haptic.success();
      done();
    } catch (error) {
      haptic.error();
      setStage({ name: "choose" });
      if (error instanceof WalletRefusal) setTrouble(t(`wallet.${error.reason}` as Key));
      else {
        await forget().catch(() => undefined);
        setTrouble(explain(asProblem(error)));
      }
    }
  };

  return (
    <Sheet title={t("wallet.title")} close={close} kind="sheet-wallet">
      {stage.name === "choose" && <Choose pick={pick} trouble={trouble} />}
      {stage.name === "waiting" && (
        <Waiting
          choice={stage.choice}
          link={stage.link}
          back={() => setStage({ name: "choose" })}
        />
      )}
      {stage.name === "proving" && (
        <p class="wallet-wait" role="status">
          {t("wallet.proving")}
        </p>
      )}
    </Sheet>
  );
}

/** The development wallet comes a moment after the sheet; elsewhere the list is complete at once. */
function useChoices(): Choice[] {
  const [found, setFound] = useState(choices);
  useEffect(() => void developmentWallet().then(() => setFound(choices())), []);
  return found;
}

function Choose({
  pick,
  trouble,
}: {
  pick: (choice: Choice) => void;
  trouble: string | null;
}): JSX.Element {
  return (
    <>
      <p class="soft">{t("wallet.text")}</p>
      {trouble && (
        <p class="notice notice-bad" role="alert">
          {trouble}
        </p>
      )}
      <ul class="list">
        {useChoices().map((choice) => (
          <li key={choice.app}>
            <button type="button" class="list-row" onClick={() => pick(choice)}>
              <Badge name={choice.name} />
              <span class="list-main">
                <b>{choice.name}</b>
                {choice.injected && <small class="soft">{t("wallet.installed")}</small>}
              </span>
              <Icon name="chevron" size={20} />
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Monograms instead of foreign pictures: nothing is fetched from a wallet's host. */
export function Badge({ name }: { name: string }): JSX.Element {
  return (
    <span class="badge" aria-hidden="true">
      {name.slice(0, 1)}
    </span>
  );
}

function Waiting({
  choice,
  link,
  back,
}: {
  choice: Choice;
  link: string | null;
  back: () => void;
}): JSX.Element {
  return (
    <div class="wallet-wait">
      {link && !handheld() && (
        <>
          <QrCode text={link} label={t("wallet.qr", { wallet: choice.name })} />
          <p class="soft">{t("wallet.scan")}</p>
        </>
      )}
      <p role="status">{t("wallet.waiting", { wallet: choice.name })}</p>
      {link && (
        <>
          <a class="primary" href={link} target="_blank" rel="noopener noreferrer">
            {t("wallet.open", { wallet: choice.name })}
          </a>
          <CopyLine value={link} />
        </>
      )}
      <button type="button" class="button" onClick={back}>
        {t("wallet.other")}
      </button>
    </div>
  );
}
