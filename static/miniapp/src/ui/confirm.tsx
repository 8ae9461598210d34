import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import { asProblem } from "../api/problem";
import { explain } from "./parts";
import { Sheet } from "./sheet";

/** Asks once more before what cannot be taken back. Closes when it is done, else says why not. */
export function Confirm({
  title,
  act,
  close,
  children,
}: {
  /** What is done; the button says the same. */
  title: string;
  act: () => Promise<void>;
  close: () => void;
  children: ComponentChildren;
}): JSX.Element {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const press = async () => {
    setBusy(true);
    try {
      await act();
      close();
    } catch (error) {
      setTrouble(explain(asProblem(error)));
      setBusy(false);
    }
  };
  return (
    <Sheet title={title} close={close}>
      {children}
      {trouble && (
        <p class="notice notice-bad" role="alert">
          {trouble}
        </p>
      )}
      <button
        type="button"
        class="button button-bad wide"
        disabled={busy}
        onClick={() => void press()}
      >
        {title}
      </button>
    </Sheet>
  );
}
