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
  const text = document.getElementById("tonality-config")?.textContent;
  return text ? { ...fallback, ...(JSON.parse(text) as Partial<Config>) } : fallback;
}

export const config = read();
