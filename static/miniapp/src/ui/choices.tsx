import type { JSX } from "preact";
import type { Choice } from "./ask";

/** Rows of a sheet that close it and do one thing. */
export function Choices({ rows, close }: { rows: Choice[]; close: () => void }): JSX.Element {
  return (
    <ul class="list">
      {rows.map((row) => (
        <li key={row.label}>
          <button
            type="button"
            class={`list-row ${row.bad ? "bad" : ""}`}
            onClick={() => {
              close();
              row.press();
            }}
          >
            {row.label}
          </button>
        </li>
      ))}
    </ul>
  );
}
