import type { ComponentChildren, JSX } from "preact";
import { haptic } from "../telegram";

/** A few choices of which one holds: a segmented row of radio buttons. */
export function Segments<T extends string>({
  label,
  name,
  options,
  value,
  choose,
}: {
  label: string;
  name: string;
  options: readonly { value: T; text: string; lang?: string }[];
  value: T;
  choose: (value: T) => void;
}): JSX.Element {
  return (
    <div class="segments" role="radiogroup" aria-label={label}>
      {options.map((each) => (
        <label key={each.value} class="segment">
          <input
            type="radio"
            name={name}
            checked={value === each.value}
            onChange={() => {
              haptic.select();
              choose(each.value);
            }}
          />
          <span lang={each.lang}>{each.text}</span>
        </label>
      ))}
    </div>
  );
}

/** A row that is on or off; its whole width can be pressed. */
export function SwitchRow({
  label,
  text,
  on,
  turn,
}: {
  label: string;
  text?: string;
  on: boolean;
  turn: (on: boolean) => void;
}): JSX.Element {
  return (
    <label class="list-row switch-row">
      <span class="list-main">
        {label}
        {text && <small class="soft">{text}</small>}
      </span>
      <input
        type="checkbox"
        role="switch"
        aria-checked={on}
        class="switch"
        checked={on}
        onChange={(event) => {
          haptic.select();
          turn(event.currentTarget.checked);
        }}
      />
    </label>
  );
}

/** A part of a settings page: what it is, what it does, and a word below. */
export function Group({
  title,
  text,
  children,
}: {
  title: string;
  text?: string;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <section class="block">
      <h2 class="subtitle">{title}</h2>
      {children}
      {text && <p class="soft small group-text">{text}</p>}
    </section>
  );
}
