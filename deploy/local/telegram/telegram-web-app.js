/* Development and tests only: our own stand-in for Telegram's script. It reads the launch
   parameters from the address's hash as Telegram's does (facts: core.telegram.org/bots/webapps),
   keeps every call in Telegram.WebApp.calls and fires any event through Telegram.WebApp.fire.
   MainButton and BackButton are drawn as real buttons, so that a browser can press them. */
(() => {
  const KEY = "__tonality_telegram_stub";
  const hash = location.hash.slice(1);
  if (/(^|&)tgWebApp(Data|Version)=/.test(hash)) sessionStorage.setItem(KEY, hash);
  const launch = new URLSearchParams(sessionStorage.getItem(KEY) ?? "");
  const theme = JSON.parse(launch.get("tgWebAppThemeParams") || "{}");
  const version = launch.get("tgWebAppVersion") || "6.0";
  const listeners = new Map();
  const calls = [];
  const note = (name, ...values) => calls.push([name, ...values]);
  const root = document.documentElement;

  const applyTheme = () => {
    for (const [name, value] of Object.entries(theme)) {
      root.style.setProperty(`--tg-theme-${name.replaceAll("_", "-")}`, value);
    }
  };
  const isDark = (hex) => {
    const value = Number.parseInt((hex ?? "#ffffff").slice(1), 16);
    const bright = 0.299 * (value >> 16) + 0.587 * ((value >> 8) & 255) + 0.114 * (value & 255);
    return bright < 128;
  };
  const scheme = () => {
    if (theme.bg_color) return isDark(theme.bg_color) ? "dark" : "light";
    return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  };

  const on = (name, handler) => listeners.set(name, [...(listeners.get(name) ?? []), handler]);
  const off = (name, handler) =>
    listeners.set(name, (listeners.get(name) ?? []).filter((each) => each !== handler));
  const fire = (name, detail) => {
    if (name === "themeChanged") {
      Object.assign(theme, detail ?? {});
      applyTheme();
      webApp.colorScheme = scheme();
    }
    for (const handler of listeners.get(name) ?? []) handler(detail);
  };

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    .tg-main { position: fixed; inset: auto 0 0; z-index: 60; width: 100%; height: 56px; border: 0;
      font: 600 16px system-ui; color: var(--tg-theme-button-text-color, #fff);
      background: var(--tg-theme-button-color, #2073b8); cursor: pointer; }
    .tg-main[disabled] { filter: grayscale(0.7) opacity(0.8); cursor: default; }
    .tg-main-on body { padding-bottom: 56px; }
    .tg-main-on .bottom { bottom: 56px; }
    .tg-back { position: fixed; top: 8px; right: 8px; z-index: 60; min-height: 44px;
      padding: 0 14px; border: 0; border-radius: 22px; font: 500 14px system-ui;
      color: inherit; background: rgb(127 127 127 / 20%); cursor: pointer; }
    .tg-invoice { position: fixed; inset: auto 0 0; z-index: 70; display: grid; gap: 8px;
      padding: 16px; font: 16px system-ui; color: #16181d; background: #f2c94c; }
    .tg-invoice p { margin: 0; }
    .tg-invoice button { min-height: 44px; border: 0; border-radius: 8px; font: 600 16px system-ui;
      color: #fff; background: #16181d; cursor: pointer; }`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

  /* A modal dialog makes all else inert: the button moves into whichever stands on top, as
     Telegram's own button stands outside the page. */
  const place = (element) => {
    const open = [...document.querySelectorAll("dialog[open]")].at(-1);
    const host = open ?? document.body;
    if (element.parentNode !== host) host.append(element);
  };

  const button = (kind, event, label) => {
    const element = document.createElement("button");
    element.type = "button";
    element.className = kind;
    element.textContent = label;
    element.hidden = true;
    element.addEventListener("click", () => fire(event));
    new MutationObserver(() => element.hidden || place(element)).observe(document, {
      subtree: true,
      childList: true,
      attributes: true,
      attributeFilter: ["open"],
    });
    const show = (visible) => {
      element.hidden = !visible;
      if (kind === "tg-main") root.classList.toggle("tg-main-on", visible);
      if (visible) place(element);
    };
    return { element, show };
  };

  /* Telegram's payment sheet is the sandbox's page, in a tab of its own: how it closed is what the
     person who tries it says here, true or not. The application may take it as a hint only. */
  const payer = () => JSON.parse(new URLSearchParams(launch.get("tgWebAppData") ?? "").get("user") || "{}");
  const openInvoice = (url, closed) => {
    note("openInvoice", url);
    const sheet = document.createElement("a");
    sheet.href = `${url}?user=${payer().id ?? ""}`;
    sheet.target = "_blank";
    sheet.rel = "noopener";
    sheet.textContent = "Open it again";
    window.open(sheet.href, "_blank", "noopener");
    const box = document.createElement("div");
    box.className = "tg-invoice";
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-label", "Telegram's payment sheet");
    const words = document.createElement("p");
    words.textContent = "SANDBOX: the payment sheet is open in another tab. How did it close?";
    box.append(words, sheet);
    const choices = { paid: "Paid", cancelled: "Closed", failed: "Failed", pending: "Pending" };
    for (const [status, label] of Object.entries(choices)) {
      const choice = document.createElement("button");
      choice.type = "button";
      choice.textContent = label;
      choice.addEventListener("click", () => {
        box.remove();
        closed?.(status);
        fire("invoiceClosed", { url, status });
      });
      box.append(choice);
    }
    document.body.append(box);
  };

  const main = button("tg-main", "mainButtonClicked", "Continue");
  const back = button("tg-back", "backButtonClicked", "\u2039 Back");

  const mainButton = {
    isVisible: false,
    isActive: true,
    text: "Continue",
    setParams(values) {
      note("MainButton.setParams", values);
      if (values.text !== undefined) mainButton.text = main.element.textContent = values.text;
      if (values.is_active !== undefined) {
        mainButton.isActive = values.is_active;
        main.element.disabled = !values.is_active;
      }
      if (values.is_visible !== undefined) {
        mainButton.isVisible = values.is_visible;
        main.show(values.is_visible);
      }
      return mainButton;
    },
    setText: (text) => mainButton.setParams({ text }),
    show: () => mainButton.setParams({ is_visible: true }),
    hide: () => mainButton.setParams({ is_visible: false }),
    enable: () => mainButton.setParams({ is_active: true }),
    disable: () => mainButton.setParams({ is_active: false }),
    showProgress: (leaveActive) => note("MainButton.showProgress", leaveActive),
    hideProgress: () => note("MainButton.hideProgress"),
    onClick: (handler) => on("mainButtonClicked", handler),
    offClick: (handler) => off("mainButtonClicked", handler),
  };

  const recorded = (names) =>
    Object.fromEntries(names.map((name) => [name, (...values) => note(name, ...values)]));

  const webApp = {
    initData: launch.get("tgWebAppData") ?? "",
    version,
    platform: launch.get("tgWebAppPlatform") || "unknown",
    colorScheme: scheme(),
    themeParams: theme,
    calls,
    fire,
    MainButton: mainButton,
    BackButton: {
      isVisible: false,
      show() {
        this.isVisible = true;
        back.show(true);
      },
      hide() {
        this.isVisible = false;
        back.show(false);
      },
      onClick: (handler) => on("backButtonClicked", handler),
      offClick: (handler) => off("backButtonClicked", handler),
    },
    HapticFeedback: recorded(["impactOccurred", "notificationOccurred", "selectionChanged"]),
    isVersionAtLeast(wanted) {
      const [a, b] = [version, wanted].map((text) => text.split(".").map(Number));
      return a[0] > b[0] || (a[0] === b[0] && (a[1] ?? 0) >= (b[1] ?? 0));
    },
    onEvent: on,
    offEvent: off,
    openInvoice,
    openLink: (url) => {
      note("openLink", url);
      window.open(url, "_blank", "noopener");
    },
    /* Chooses a friend at once. What the person answers to the question is set by a test. */
    shareMessage: (message, sent) => {
      note("shareMessage", message);
      sent?.(webApp.answers.share ?? true);
    },
    requestWriteAccess: (answered) => {
      note("requestWriteAccess");
      answered?.(webApp.answers.write ?? true);
    },
    answers: {},
    ...recorded([
      "ready",
      "shareToStory",
      "expand",
      "close",
      "setHeaderColor",
      "setBackgroundColor",
      "setBottomBarColor",
      "enableClosingConfirmation",
      "disableClosingConfirmation",
      "disableVerticalSwipes",
      "openTelegramLink",
    ]),
  };
  applyTheme();
  window.Telegram = { WebApp: webApp };
})();
