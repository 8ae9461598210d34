import "../styles/app.css";
import { render } from "preact";
import { startParam, token, user } from "../api/session";
import { ready, suggest } from "../i18n";
import { startTelegramButtons } from "../state/actions";
import { startPreferences } from "../state/preferences";
import { depth, fromStartParam, go, startRouter } from "../state/router";
import { startVisit } from "../state/visit";
import { startTelegram } from "../telegram";
import { prepare } from "./screens";
import { Shell } from "./shell";

/** A shared link opens what it names, once, and only where the person has not gone on already. */
function followStartParam(): void {
  const to = fromStartParam(startParam);
  if (to && depth.value === 0 && /^\/app\/?$/.test(location.pathname)) go(to);
}

startTelegram();
startRouter();
startTelegramButtons();
startVisit();
user.subscribe((who) => suggest(who?.language));
startPreferences();

void ready.then(() => {
  const root = document.getElementById("app");
  if (!root) return;
  root.textContent = "";
  render(<Shell />, root);
});
token().then(followStartParam, () => undefined);
prepare();
