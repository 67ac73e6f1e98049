// What the frame needs beyond links and forms: keys, panels that close, rows that open, the theme without a
// reload, and a voice for what has changed.

const editable = (element) => element?.matches?.("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !editable(event.target) && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const search = document.querySelector("[data-search]");
    if (search) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  }
  if (event.key === "Escape") closePanels(null);
});

document.addEventListener("click", (event) => {
  closePanels(event.target);
  openRow(event);
});

function closePanels(target) {
  for (const panel of document.querySelectorAll("details:is(.definition, .filter)[open]")) {
    if (target && panel.contains(target)) continue;
    const hadFocus = panel.contains(document.activeElement);
    panel.open = false;
    if (hadFocus && !target) panel.querySelector("summary").focus();
  }
}

// A row opens what its first link names, unless the reader clicks something else in it or marks text.
function openRow(event) {
  const row = event.target.closest?.(".rows tbody tr");
  if (!row || event.target.closest("a, button, summary, input, select, label") || String(getSelection())) return;
  const link = row.querySelector("a[href]");
  if (!link) return;
  if (event.ctrlKey || event.metaKey) window.open(link.href, "_blank", "noopener");
  else link.click();
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-theme-switch]") || !event.submitter) return;
  event.preventDefault();
  const theme = event.submitter.value;
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  for (const button of form.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button === event.submitter));
  }
  document.dispatchEvent(new Event("theme"));
  await fetch(form.action, { method: "POST", body: new URLSearchParams({ theme }) });
});

function offerPrint() {
  for (const button of document.querySelectorAll("[data-print]:disabled")) {
    button.disabled = false;
    button.onclick = () => window.print();
  }
}

offerPrint();

// The live region stays in the page, for a region that is swapped itself is not read out everywhere.
let announced = "";
function announce() {
  const words = document.querySelector("[data-announce]")?.dataset.announce ?? "";
  if (words && words !== announced) document.getElementById("live").textContent = words;
  announced = words;
}

// The rail is not part of what is swapped, but names the time of the data that is.
function nameSnapshot() {
  const { snapshot, snapshotWords } = document.querySelector("[data-snapshot]")?.dataset ?? {};
  const time = document.getElementById("rail-as-of");
  if (!snapshot || !time || time.dateTime === snapshot) return;
  time.dateTime = snapshot;
  time.textContent = snapshotWords;
  time.removeAttribute("title");
  time.closest("dl").hidden = false;
}

// A page that keeps itself true opens again what the reader had opened in it: the tickets of a number. The old ones
// stand there until the new ones have come, so nothing moves.
const opened = { by: null, link: null, nodes: [], focused: false, at: 0 };

document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  const drill = document.getElementById("age-details");
  if (!drill) return;
  const source = ctx.sourceElement;
  if (source.matches("a[hx-target='#age-details']")) opened.by = source.getAttribute("hx-get");
  const keeps = source.matches("[data-live]") && drill.hasChildNodes() && opened.by;
  opened.nodes = keeps ? [...drill.childNodes] : [];
  opened.focused = drill.contains(document.activeElement);
  opened.at = scrollY;
});

document.addEventListener("htmx:before:settle", () => {
  const drill = document.getElementById("age-details");
  const nodes = opened.nodes.splice(0);
  if (!drill || !nodes.length || drill.hasChildNodes()) return;
  opened.link = document.querySelector(`a[hx-target="#age-details"][hx-get="${CSS.escape(opened.by)}"]`);
  if (!opened.link) return;
  drill.append(...nodes);
  if (opened.focused) drill.focus({ preventScroll: true });
  scrollTo({ top: opened.at, behavior: "instant" });
});

function openAgain() {
  opened.link?.click();
  opened.link = null;
}

document.addEventListener("htmx:after:swap", ({ detail }) => {
  if (detail.ctx.response?.status < 400) document.getElementById("messages").replaceChildren();
  openAgain();
  announce();
  offerPrint();
  nameSnapshot();
});

// No answer at all: the old content stays, and so does this message until an answer comes.
document.addEventListener("htmx:error", ({ detail }) => {
  if (!detail.ctx || detail.ctx.response) return;
  const words = document.getElementById("unreachable").content.cloneNode(true);
  document.getElementById("messages").replaceChildren(words);
});

// What asks by itself waits while nobody looks, and while a panel is open that its answer would close.
document.addEventListener("htmx:before:request", (event) => {
  if (!event.target.matches?.("[data-live]")) return;
  if (document.hidden || document.querySelector("details.filter[open], details.definition[open]")) event.preventDefault();
});
