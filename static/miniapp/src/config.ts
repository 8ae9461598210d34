import type { Config } from "./api/types";

const fallback: Config = {
  network: "-239",
  coin: { label: "TON", decimals: 9 },
  ws_url: "",
  bot: { username: "", app: "" },
  manifest_url: `${location.origin}/tonconnect-manifest.json`,
  development: false,
  wallets: [],
};

/** The server writes the page's configuration as JSON data, never as script. */
function read(): Config {
  const data = document.querySelector("#tonality-config, #portal-config")?.textContent;
  const { telegramJs, tonApi } = document.body.dataset;
  return {
    ...fallback,
    ...(data ? (JSON.parse(data) as Partial<Config>) : {}),
    ...(telegramJs ? { telegram_js: telegramJs } : {}),
    ...(tonApi ? { ton_api: tonApi } : {}),
  };
}

export const config = read();
