/**
 * The page of a draft: files go up piece by piece, and the page says how far each of them is.
 *
 *   [data-studio]             names the addresses: data-endpoint, -release, -tracks, -cover
 *   [data-files], [data-drop] where files are chosen or dropped; [data-cover-file] for the cover
 *   [data-upload="/path"]     a row of a file on its way: [data-bar], [data-say], and what is shown
 *                             while it is sending, paused, or waits for its file ([data-show])
 *   [data-again]              chooses the same file again, [data-other] another one for a track
 */
import { Job } from "./job";
import { watchOrder } from "./order";
import { watchWaves } from "./waves";
import { type Known, same } from "./words";

interface Htmx {
  ajax(verb: string, path: string, where: { target: string; swap: string }): Promise<void>;
}
declare global {
  interface Window {
    htmx?: Htmx;
  }
}

const AT_ONCE = 2;
const studio = document.querySelector<HTMLElement>("[data-studio]");
const jobs = new Set<Job>();
const queue: { file: File; said: Record<string, string>; address: string | null }[] = [];
let stale = false;

const of = (name: string) => studio?.dataset[name] ?? "";
const within = <E extends HTMLElement>(place: ParentNode, name: string) =>
  place.querySelector<E>(`[data-${name}]`);
const known = (file: File): Known => ({
  name: file.name,
  size: file.size,
  modified: String(file.lastModified),
});
const row = (job: Job) =>
  job.address ? document.querySelector<HTMLElement>(`[data-upload="${job.address}"]`) : null;

function problem(text: string): void {
  const place = document.querySelector<HTMLElement>("[data-problem]");
  if (!place) return;
  place.textContent = text;
  place.hidden = text === "";
}

/** What a row can do now: buttons that fit, and how far its file is. */
function paint(job: Job): void {
  const place = row(job);
  if (!place) return;
  const bar = within<HTMLProgressElement>(place, "bar");
  const say = within(place, "say");
  const state = within(place, "state");
  if (bar && job.percent) bar.value = job.percent;
  if (say && job.said) say.textContent = job.said;
  if (state) {
    const words = { sending: "On its way", paused: "Paused", away: "Waiting", over: "Arrived" };
    state.textContent = words[job.standing];
  }
  for (const one of place.querySelectorAll<HTMLElement>("[data-show]")) {
    const fits = one.dataset.show === (job.standing === "away" ? "paused" : job.standing);
    one.hidden = !fits;
  }
}

function tellQueue(): void {
  const place = document.querySelector<HTMLElement>("[data-queue]");
  if (!place) return;
  const many = queue.length;
  place.textContent = many ? `${many} more ${many === 1 ? "waits" : "wait"} for a turn.` : "";
}

function next(): void {
  const busy = [...jobs].filter((job) => job.standing === "sending" || job.standing === "away");
  for (let free = AT_ONCE - busy.length; free > 0 && queue.length; free -= 1) {
    const one = queue.shift();
    if (!one) break;
    const job = new Job(one.file, of("endpoint"), one.said, one.address, hear);
    jobs.add(job);
    job.go();
  }
  tellQueue();
}

function hear(job: Job, what: "begun" | "moved" | "done" | "refused"): void {
  if (what === "moved") {
    paint(job);
    return;
  }
  if (what === "begun") {
    void refresh(job);
    return;
  }
  jobs.delete(job);
  if (what === "refused") problem(`${job.file.name}: ${job.said}`);
  void refresh(job);
  next();
}

const isCover = (job: Job) => job.file.type.startsWith("image/");

/** Ask for the part of the page that shows this file; not while somebody writes in it. */
async function refresh(job: Job): Promise<void> {
  if (isCover(job)) {
    await window.htmx?.ajax("GET", of("cover"), { target: "#cover", swap: "outerHTML" });
    return;
  }
  if (document.querySelector("#tracks details[open]")) {
    stale = true;
    return;
  }
  stale = false;
  await window.htmx?.ajax("GET", of("tracks"), { target: "#tracks", swap: "outerHTML" });
}

function waiting(): HTMLElement[] {
  const mine = new Set([...jobs].map((job) => job.address));
  return [...document.querySelectorAll<HTMLElement>("[data-upload]")].filter(
    (one) => !mine.has(one.dataset.upload ?? ""),
  );
}

const knownOf = (place: HTMLElement): Known => ({
  name: place.dataset.name ?? "",
  size: Number(place.dataset.size),
  modified: place.dataset.modified ?? "",
});

function enqueue(file: File, more: Record<string, string>, address: string | null = null): void {
  const said = {
    release: of("release"),
    filename: file.name,
    modified: String(file.lastModified),
    ...more,
  };
  queue.push({ file, said, address });
}

/** New files begin, those of which a part is here go on. */
function take(files: Iterable<File>): void {
  problem("");
  const access = document.querySelector<HTMLInputElement>("[name=access]:checked")?.value;
  for (const file of files) {
    const place = waiting().find((one) => same(known(file), knownOf(one)));
    if (place) enqueue(file, {}, place.dataset.upload ?? null);
    else enqueue(file, { purpose: "audio", access: access ?? "holders" });
  }
  next();
}

function takeCover(file: File | undefined): void {
  if (!file) return;
  problem("");
  const place = document.querySelector<HTMLElement>("#cover[data-upload]");
  const goes = place && same(known(file), knownOf(place)) ? (place.dataset.upload ?? null) : null;
  enqueue(file, { purpose: "cover" }, goes);
  next();
}

function again(input: HTMLInputElement, file: File): void {
  const place = input.closest<HTMLElement>("[data-upload]");
  if (!place) return;
  const wrong = within(place, "again-problem");
  const fits = same(known(file), knownOf(place));
  if (wrong) {
    wrong.hidden = fits;
    wrong.textContent = `That is another file than ${place.dataset.name}: name, size or date differ. Choose the same one, or cancel this one and begin anew.`;
  }
  if (!fits) return;
  enqueue(file, {}, place.dataset.upload ?? null);
  next();
}

document.addEventListener("change", (event) => {
  const input = event.target as HTMLInputElement;
  if (input.type !== "file") return;
  const files = [...(input.files ?? [])];
  const [file] = files;
  input.value = "";
  if (!file) return;
  if ("files" in input.dataset) take(files);
  else if ("coverFile" in input.dataset) takeCover(file);
  else if ("again" in input.dataset) again(input, file);
  else if ("other" in input.dataset) {
    enqueue(file, {
      purpose: "audio",
      track: input.closest<HTMLElement>("[data-track]")?.dataset.track ?? "",
    });
    next();
  }
});

const jobOf = (place: Element | null) => {
  const address = place?.closest<HTMLElement>("[data-upload]")?.dataset.upload;
  return [...jobs].find((job) => job.address === address);
};

document.addEventListener("click", (event) => {
  const target = event.target as Element;
  const job = jobOf(target);
  if (!job) return;
  if (target.closest("[data-pause]")) void job.pause().then(next);
  else if (target.closest("[data-go]")) job.go();
  else if (target.closest("[data-cancel]")) {
    jobs.delete(job);
    void job.drop().then(next);
  }
});

// A connection that is back is used at once.
addEventListener("online", () => {
  for (const job of jobs) if (job.standing === "away") job.go();
});

for (const name of ["dragover", "drop"] as const) {
  document.addEventListener(name, (event) => {
    const files = event.dataTransfer?.types.includes("Files");
    if (!studio || !files) return;
    event.preventDefault();
    const target = event.target as Element;
    const zone = document.querySelector<HTMLElement>("[data-drop]");
    zone?.toggleAttribute("data-over", name === "dragover");
    if (name === "drop") {
      const dropped = [...(event.dataTransfer?.files ?? [])];
      if (target.closest("[data-drop-cover]")) takeCover(dropped[0]);
      else take(dropped.filter((file) => !file.type.startsWith("image/")));
    }
  });
}
document.addEventListener("dragleave", (event) => {
  if (event.relatedTarget === null) within(document, "drop")?.removeAttribute("data-over");
});

// What the server sends shows a file as it lies there; one on its way knows better.
document.addEventListener("htmx:afterSwap", () => {
  for (const job of jobs) paint(job);
});
// A row in which somebody writes is not replaced under the hands.
document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, requestConfig } = (event as CustomEvent).detail as {
    elt: HTMLElement;
    requestConfig: { verb: string };
  };
  if (
    requestConfig.verb === "get" &&
    elt.matches(".studio-track") &&
    elt.querySelector("details[open]")
  )
    event.preventDefault();
});
document.addEventListener(
  "toggle",
  () => {
    if (stale && !document.querySelector("#tracks details[open]")) {
      stale = false;
      void window.htmx?.ajax("GET", of("tracks"), { target: "#tracks", swap: "outerHTML" });
    }
  },
  true,
);

watchWaves();
watchOrder();
