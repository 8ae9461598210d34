import { Problem, problemOf } from "../api/problem";

const csrf = () =>
  document.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")?.value ?? "";

/** A POST over the page's cookie session. Throws Problem. */
export async function postJson<T>(url: string, body: unknown): Promise<T> {
  let response: Response;
  try {
    response = await fetch(url, {
      method: "POST",
      body: JSON.stringify(body),
      headers: {
        Accept: "application/json",
        "Content-Type": "application/json",
        "X-CSRFToken": csrf(),
      },
      credentials: "same-origin",
    });
  } catch {
    throw new Problem(0, "offline", "");
  }
  if (!response.ok) throw await problemOf(response);
  return (response.status === 204 ? undefined : await response.json()) as T;
}
