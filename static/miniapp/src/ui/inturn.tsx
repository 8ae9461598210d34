import type { ComponentChild, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

/** Only what the application opens with is drawn in turn: a page that was gone to stands whole. */
let opened = false;

/**
 * What a long page goes on with, top to bottom, each part drawn in a task of its own: a slow phone
 * shows what stands before them first, and answers a press between any two.
 */
export function InTurn({ children: parts }: { children: ComponentChild[] }): JSX.Element {
  const [drawn, draw] = useState(opened ? parts.length : 0);
  const more = drawn < parts.length;
  useEffect(() => {
    if (!more) {
      opened = true;
      return;
    }
    const next = setTimeout(() => draw(drawn + 1));
    return () => clearTimeout(next);
  }, [drawn, more]);
  return <>{parts.slice(0, drawn)}</>;
}
