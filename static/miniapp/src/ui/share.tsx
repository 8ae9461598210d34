import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { api } from "../api";
import { asProblem } from "../api/problem";
import { signedIn } from "../api/session";
import type { Shared, ShareWhat } from "../api/types";
import { type Key, t } from "../i18n";
import { startParamOf } from "../state/router";
import { addToStory, sendElsewhere, sendToFriend, waysOf } from "../state/sharing";
import { appLink, haptic } from "../telegram";
import { Icon, type IconName } from "./icons";
import { explain, IconButton } from "./parts";
import { Sheet } from "./sheet";
import { say } from "./toast";

export interface ShareProps {
  what: ShareWhat;
  /** An id, or an edition's address. */
  id: string;
  /** As the words that go with its link: "Night Train, Mira". */
  words: string;
}

/** An icon that opens the ways to pass something on. */
export function ShareButton(props: ShareProps): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <>
      <IconButton icon="share" label={t("share.title")} press={() => setOpen(true)} />
      {open && <ShareSheet {...props} close={() => setOpen(false)} />}
    </>
  );
}

/** For somebody who is not signed in: the same link, with nobody's code. */
function plain({ what, id, words }: ShareProps): Shared {
  const link = what === "item" ? null : appLink(startParamOf(what, id));
  return { link: link ?? location.href, text: words, picture: "", message: null };
}

export function ShareSheet({ close, ...props }: ShareProps & { close: () => void }): JSX.Element {
  const [shared, setShared] = useState<Shared | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const known = signedIn.value;
  useEffect(() => {
    if (known === "asking") return;
    if (known === "guest") return setShared(plain(props));
    // Made when the sheet opens: a prepared message is good for minutes.
    api.share(props.what, props.id).then(setShared, (error: unknown) => {
      setTrouble(explain(asProblem(error)));
      setShared(plain(props));
    });
  }, [known, props.what, props.id]);
  return (
    <Sheet title={t("share.title")} close={close}>
      {trouble && (
        <p class="notice notice-bad" role="alert">
          {trouble}
        </p>
      )}
      <Choices what={props.what} shared={shared} close={close} />
      {known === "yes" && <p class="soft small share-reward">{t("share.reward")}</p>}
    </Sheet>
  );
}

function Choices({
  what,
  shared,
  close,
}: {
  what: ShareWhat;
  shared: Shared | null;
  close: () => void;
}): JSX.Element {
  const ways = waysOf(shared);
  const card: Key = what === "track" ? "share.friend.text" : "share.friend.card";
  const friend = async (ready: Shared) => {
    const sent = await sendToFriend(ready);
    if (sent === false) return say(t("share.failed"));
    if (sent) {
      haptic.success();
      say(t("share.sent"));
    }
    close();
  };
  const copy = async (ready: Shared) => {
    await navigator.clipboard?.writeText(ready.link).catch(() => undefined);
    haptic.select();
    say(t("share.copied"));
    close();
  };
  const rows: [boolean, IconName, Key, Key | null, (ready: Shared) => void][] = [
    [ways.friend, "send", "share.friend", card, (ready) => void friend(ready)],
    [!ways.friend, "send", "share.telegram", null, (ready) => void friend(ready)],
    [ways.story, "story", "share.story", "share.story.text", (ready) => addToStory(ready)],
    [true, "link", "share.copy", null, (ready) => void copy(ready)],
    [ways.others, "out", "share.other", null, (ready) => void sendElsewhere(ready)],
  ];
  return (
    <ul class="list list-framed share-ways" aria-busy={shared === null}>
      {rows.map(([there, icon, label, text, press]) =>
        there ? (
          <li key={label}>
            <button
              type="button"
              class="list-row list-row-act"
              disabled={shared === null}
              onClick={() => shared && press(shared)}
            >
              <Icon name={icon} />
              <span class="list-main">
                {t(label)}
                {text && <small class="soft">{t(text)}</small>}
              </span>
            </button>
          </li>
        ) : null,
      )}
    </ul>
  );
}
