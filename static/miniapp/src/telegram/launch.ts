/** How we were opened. Telegram passes launch parameters in the address's hash, once. */
const KEPT = "tonality.launch";

function remembered(): string {
  try {
    return sessionStorage.getItem(KEPT) ?? "";
  } catch {
    return "";
  }
}

function read(): URLSearchParams {
  const hash = location.hash.slice(1);
  if (!/(^|&)tgWebApp(Data|Version)=/.test(hash)) return new URLSearchParams(remembered());
  try {
    sessionStorage.setItem(KEPT, hash);
  } catch {
    // Without storage a reload opens as a guest; nothing else depends on it.
  }
  return new URLSearchParams(hash);
}

const parameters = read();

export const launchedByTelegram =
  parameters.has("tgWebAppVersion") || parameters.has("tgWebAppData");
export const initData = () => parameters.get("tgWebAppData") ?? "";
export const launchTheme = () => parameters.get("tgWebAppThemeParams");
