import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n";
import { useCloser, useNoPrimary } from "../state/actions";
import { IconButton } from "./parts";

/** A sheet over the page: the browser's own modal dialog keeps focus, Escape and the backdrop. */
export function Sheet({
  title,
  close,
  children,
  kind = "",
  acts = false,
}: {
  title: string;
  close: () => void;
  children: ComponentChildren;
  kind?: string;
  /** Whether a PrimaryAction stands in it. */
  acts?: boolean;
}): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useCloser(true, close);
  useNoPrimary(!acts);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it, as every dialog
    <dialog
      ref={dialog}
      class={`sheet ${kind}`}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) close();
      }}
    >
      <div class="sheet-body">
        <header class="sheet-head">
          <h2>{title}</h2>
          <IconButton icon="close" label={t("common.close")} press={close} />
        </header>
        {children}
      </div>
    </dialog>
  );
}
