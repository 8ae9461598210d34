/** What the page says about itself; the wallet refuses to live anywhere but in development. */
interface Page {
  development?: boolean;
  network?: string;
  ton_api?: string | null;
}

const text = document.querySelector("#tonality-config, #portal-config")?.textContent ?? "{}";
const page = JSON.parse(text) as Page;

export const isDevelopment = page.development === true && page.network === "-3";
export const config = {
  tonApi: page.ton_api || document.body.dataset.tonApi || "http://127.0.0.1:8081/api/v2/",
};
