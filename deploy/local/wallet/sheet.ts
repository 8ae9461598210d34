/** The wallet's own confirmation: what will be signed, in full; approve or decline. */
const STYLE = `
  dialog { box-sizing: border-box; width: min(420px, 100vw); max-height: 90vh; padding: 20px; border: 0; border-radius: 20px;
    color: #eef2f8; background: #16202e; font: 15px/1.45 system-ui, sans-serif; }
  dialog::backdrop { background: rgb(0 0 0 / 60%); }
  header { display: flex; align-items: center; gap: 10px; margin-bottom: 14px; }
  h2 { flex: 1; margin: 0; font-size: 17px; }
  .tag { padding: 2px 8px; border-radius: 99px; font-size: 12px; color: #16202e; background: #ffc555; }
  dl { display: grid; gap: 10px; margin: 0 0 16px; }
  dt { font-size: 12px; color: #a3b2c7; }
  dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
  .row { display: flex; gap: 10px; }
  button { flex: 1; min-height: 48px; border: 0; border-radius: 12px; font: 600 15px system-ui;
    color: inherit; background: #2a384c; cursor: pointer; }
  .yes { color: #08131f; background: #6db9ff; }
  .coins { width: 100%; margin-top: 10px; color: #a3b2c7; background: none; }
  button:focus-visible { outline: 2px solid #fff; outline-offset: 2px; }`;

export interface Question {
  title: string;
  facts: [string, string][];
  approve: string;
  faucet: () => Promise<string>;
}

function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  text = "",
  kind = "",
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

function factsList(facts: [string, string][]): HTMLDListElement {
  const list = element("dl");
  for (const [name, value] of facts) list.append(element("dt", name), element("dd", value));
  return list;
}

/** Resolves to whether the person approved. Lives in a shadow root: no style leaks either way. */
export function confirm(question: Question): Promise<boolean> {
  const host = element("div");
  host.dataset.developmentWallet = "";
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];

  const dialog = element("dialog");
  dialog.setAttribute("aria-label", question.title);
  const head = element("header");
  head.append(element("h2", question.title), element("span", "development", "tag"));
  const yes = element("button", question.approve, "yes");
  const no = element("button", "Decline");
  const row = element("div", "", "row");
  row.append(no, yes);
  const coins = element("button", "Get 100 test coins", "coins");
  coins.addEventListener("click", async () => {
    coins.disabled = true;
    coins.textContent = await question.faucet();
    coins.disabled = false;
  });
  dialog.append(head, factsList(question.facts), row, coins);
  root.append(dialog);
  document.body.append(host);
  dialog.showModal();

  return new Promise((resolve) => {
    const end = (approved: boolean) => {
      dialog.close();
      host.remove();
      resolve(approved);
    };
    yes.addEventListener("click", () => end(true));
    no.addEventListener("click", () => end(false));
    dialog.addEventListener("cancel", () => end(false));
  });
}
