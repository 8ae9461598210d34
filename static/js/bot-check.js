// Looks for the answer given in Telegram; without script "Check again" does the same.
const place = document.querySelector("[data-bot-check]");
const EVERY = 1500; // ms

async function look() {
  if (document.hidden) return false;
  const answer = await fetch(place.dataset.botCheck, { headers: { Accept: "application/json" } });
  if (!answer.ok) return false;
  const { state } = await answer.json();
  return state !== place.dataset.state;
}

async function wait() {
  const news = await look().catch(() => false);
  if (news) location.reload();
  else setTimeout(wait, EVERY);
}

if (place) setTimeout(wait, EVERY);
