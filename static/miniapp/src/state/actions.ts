import { computed, effect, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { telegram } from "../telegram";
import { back, depth, route } from "./router";

/** The one thing to do on this screen. The newest on the stack (a sheet over its page) has it. */
export interface Primary {
  label: string;
  press: () => void;
  enabled?: boolean;
  busy?: boolean;
}

interface Held {
  id: number;
  /** null: a sheet with no such action stands on top, and hides those below. */
  action: Primary | null;
}

let counter = 0;
const stack = signal<Held[]>([]);
export const primary = computed(() => stack.value.at(-1)?.action ?? null);

export function usePrimary(action: Primary | null): void {
  const id = useRef(0);
  if (id.current === 0) id.current = ++counter;
  const latest = useRef(action);
  latest.current = action;
  const { label, enabled = true, busy = false } = action ?? { label: "" };
  const present = action !== null;
  useEffect(() => {
    const mine = id.current;
    const press = () => latest.current?.press();
    const others = stack.peek();
    const held = { id: mine, action: { label, enabled, busy, press } };
    if (!present) stack.value = others.filter((each) => each.id !== mine);
    else if (others.some((each) => each.id === mine)) {
      stack.value = others.map((each) => (each.id === mine ? held : each));
    } else stack.value = [...others, held];
  }, [present, label, enabled, busy]);
  useEffect(
    () => () => {
      stack.value = stack.peek().filter((each) => each.id !== id.current);
    },
    [],
  );
}

/** A sheet without one thing to do takes the button away from the page under it. */
export function useNoPrimary(on: boolean): void {
  useEffect(() => {
    if (!on) return;
    const mine = { id: ++counter, action: null };
    stack.value = [...stack.peek(), mine];
    return () => {
      stack.value = stack.peek().filter((each) => each !== mine);
    };
  }, [on]);
}

/** Sheets and players close before the page goes back. */
const closers = signal<(() => void)[]>([]);

export function useCloser(open: boolean, close: () => void): void {
  const latest = useRef(close);
  latest.current = close;
  useEffect(() => {
    if (!open) return;
    const mine = () => latest.current();
    closers.value = [...closers.peek(), mine];
    return () => {
      closers.value = closers.peek().filter((each) => each !== mine);
    };
  }, [open]);
}

const atRoot = () => ["home", "library", "profile"].includes(route.value.name);

function goBack(): void {
  const close = closers.peek().at(-1);
  if (close) close();
  else back();
}

/** Binds Telegram's own buttons to the same two ideas. */
export function startTelegramButtons(): void {
  effect(() => {
    const app = telegram.value;
    if (!app) return;
    if (closers.value.length > 0 || !atRoot() || depth.value > 0) app.BackButton.show();
    else app.BackButton.hide();
  });
  effect(() => {
    const app = telegram.value;
    if (!app) return;
    app.BackButton.onClick(goBack);
    const press = () => {
      const action = primary.peek();
      if (action?.enabled && !action.busy) action.press();
    };
    app.MainButton.onClick(press);
    return () => {
      app.BackButton.offClick(goBack);
      app.MainButton.offClick(press);
    };
  });
  effect(() => {
    const button = telegram.value?.MainButton;
    if (!button) return;
    const action = primary.value;
    button.setParams({
      ...(action ? { text: action.label } : {}),
      is_visible: action !== null,
      is_active: Boolean(action?.enabled && !action.busy),
    });
    if (action?.busy) button.showProgress(false);
    else button.hideProgress();
  });
}
