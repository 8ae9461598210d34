import { problemOf } from "../api/problem";
import type { TonTransaction } from "../api/types";

export interface Answer {
  transaction: TonTransaction;
  next?: string;
}

export function announce(form: HTMLFormElement, text: string, bad = false): void {
  const output = form.querySelector<HTMLElement>("[data-ton-status]");
  if (!output) return;
  output.textContent = text;
  output.classList.toggle("notice", text !== "");
  output.classList.toggle("notice-bad", bad);
}

const csrf = (form: HTMLFormElement) =>
  form.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")?.value ?? "";

/** Posts the form's own fields and `extra`; the answer is JSON. Throws Problem. */
export async function postForm(
  form: HTMLFormElement,
  extra: Record<string, string>,
): Promise<Answer> {
  const body = new FormData(form);
  for (const [name, value] of Object.entries(extra)) body.set(name, value);
  const response = await fetch(form.action, {
    method: "POST",
    body,
    headers: { Accept: "application/json", "X-CSRFToken": csrf(form) },
    credentials: "same-origin",
  });
  if (!response.ok) throw await problemOf(response);
  return (await response.json()) as Answer;
}

export async function postJson<T>(form: HTMLFormElement, url: string, body: unknown): Promise<T> {
  const response = await fetch(url, {
    method: "POST",
    body: JSON.stringify(body),
    headers: {
      Accept: "application/json",
      "Content-Type": "application/json",
      "X-CSRFToken": csrf(form),
    },
    credentials: "same-origin",
  });
  if (!response.ok) throw await problemOf(response);
  return (response.status === 204 ? undefined : await response.json()) as T;
}
