// What the filter panels and the value pickers in them need beyond links, forms and htmx: keys, chips for what is
// ticked, ticks that outlive a search, panels that stay within the window.

const boxes = (picker) => [...picker.querySelectorAll(".picker-values input")];
const search = (picker) => picker.querySelector(".picker-search input");
const inPicker = (element) => element.closest?.("[data-picker]");

// What each opened panel's picker began with, for a search brings another list.
const begun = new WeakMap();
// Panels that closed because their choice was sent.
const sent = new WeakSet();

function prepare() {
  for (const element of document.querySelectorAll("[data-script][hidden]")) element.hidden = false;
  for (const picker of document.querySelectorAll("[data-picker]")) showPicked(picker);
}

// Chips for what is ticked.
function showPicked(picker) {
  const line = picker.querySelector("[data-picked]");
  const blank = picker.querySelector("[data-pick]").content.firstElementChild;
  const chips = boxes(picker).filter((box) => box.checked).map((box) => {
    const chip = blank.cloneNode(true);
    const words = box.nextElementSibling.textContent;
    const name = document.createElement("span");
    name.textContent = words;
    chip.prepend(name);
    chip.setAttribute("aria-label", `${blank.getAttribute("aria-label")} ${words}`);
    chip.dataset.value = box.value;
    return chip;
  });
  line.replaceChildren(...chips);
  line.hidden = !chips.length;
}

function tick(picker, wanted) {
  picker.dataset.touched = "";
  for (const box of boxes(picker)) box.checked = wanted(box);
  showPicked(picker);
}

document.addEventListener("change", ({ target }) => {
  if (!target.matches(".picker-values input")) return;
  inPicker(target).dataset.touched = "";
  showPicked(inPicker(target));
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-pick-all], [data-pick-none], .pick");
  if (button) {
    const picker = inPicker(button);
    if (!button.matches(".pick")) tick(picker, () => button.matches("[data-pick-all]"));
    else {
      tick(picker, (box) => box.checked && box.value !== button.dataset.value);
      (picker.querySelector(".pick") ?? search(picker) ?? boxes(picker)[0])?.focus();
      // the chip is gone from the page: whoever looks whether the click was in the panel would not find it
      event.stopPropagation();
    }
  }
  const summary = event.target.closest?.(".filter > summary");
  if (summary) place(summary);
  const chosen = event.target.closest?.(".filter .presets a");
  if (chosen && !event.ctrlKey && !event.metaKey && !event.shiftKey) close(chosen);
}, true);

// Before it opens: a panel that would not fit begins at the right edge of its button.
function place(summary) {
  const panel = summary.nextElementSibling;
  const right = summary.getBoundingClientRect().left + parseFloat(getComputedStyle(panel).width);
  panel.classList.toggle("from-right", right > document.documentElement.clientWidth - 8);
}

document.addEventListener("submit", ({ target }) => {
  const panel = target.closest(".filter[open]");
  if (panel) sent.add(panel);
  close(target);
});

// The choice is made: the panel closes, and the focus is on what opened it, where htmx finds it again.
function close(element) {
  const panel = element.closest(".filter");
  if (!panel) return;
  panel.open = false;
  panel.querySelector("summary").focus();
}

document.addEventListener("keydown", (event) => {
  const picker = inPicker(event.target);
  if (!picker || event.isComposing) return;
  if (event.key === "Enter" && event.target.type === "search") {
    event.preventDefault();
    picker.closest("form")?.requestSubmit();
  }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const row = [search(picker), ...boxes(picker)].filter(Boolean);
  const at = row.indexOf(event.target);
  const next = row[at + (event.key === "ArrowDown" ? 1 : -1)];
  if (at < 0 || !next) return;
  event.preventDefault();
  next.focus();
});

// Nobody waits for what a search finds once its panel is closed.
const searchedInVain = (element) => element.matches?.(".filter:not([open]) .picker-search input");

document.addEventListener("htmx:before:request", (event) => {
  if (searchedInVain(event.target)) event.preventDefault();
});

// The search field has no name, for the form is not to send it.
document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  if (ctx.sourceElement.matches(".picker-search input")) ctx.request.body.set("search", ctx.sourceElement.value);
});

// What is ticked stays ticked, also what was ticked while the answer was on its way.
let ticked = null;
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  if (searchedInVain(ctx.sourceElement)) {
    event.preventDefault();
    return;
  }
  const picker = inPicker(ctx.sourceElement);
  ticked = picker && new Map(boxes(picker).filter((box) => box.checked).map((box) => [box.value, box.parentElement]));
});

// Before anybody can tick anything in what has come.
document.addEventListener("htmx:before:settle", ({ target }) => {
  const picker = inPicker(target);
  if (picker && ticked) {
    for (const box of boxes(picker)) box.checked = ticked.delete(box.value);
    picker.querySelector(".options")[search(picker)?.value.trim() ? "append" : "prepend"](...ticked.values());
    const note = picker.querySelector(".note")?.textContent.trim() ?? "";
    document.getElementById("live").textContent = `${boxes(picker).length} ${note}`;
  }
  ticked = null;
  prepare();
});

// A page that keeps itself true waits until what was ticked is applied, for its answer brings another picker.
document.addEventListener("htmx:before:request", (event) => {
  if (event.target.matches?.("[data-live]") && document.querySelector("[data-touched]")) event.preventDefault();
});

// One event may tell of several changes: a panel that was quickly closed and opened again was open and is.
document.addEventListener("toggle", ({ target: panel, oldState }) => {
  if (!panel.matches?.(".filter")) return;
  const wasOpen = oldState ? oldState === "open" : !panel.open;
  if (wasOpen && !sent.delete(panel)) forget(panel);
  if (!panel.open) return;
  for (const values of panel.querySelectorAll(".picker-values")) {
    if (!begun.has(values)) begun.set(values, [...values.cloneNode(true).childNodes]);
  }
  // on a touch screen the keyboard would cover the list
  if (!matchMedia("(pointer: fine)").matches) return;
  panel.querySelector(".filter-panel input:not([type=hidden])")?.focus();
}, true);

// A panel that closes without its choice being sent is as it was: what it shows is what holds.
function forget(panel) {
  for (const values of panel.querySelectorAll(".picker-values")) {
    const first = begun.get(values);
    if (first) values.replaceChildren(...first.map((node) => node.cloneNode(true)));
  }
  panel.querySelector("form")?.reset();
  for (const picker of panel.querySelectorAll("[data-picker]")) {
    delete picker.dataset.touched;
    showPicked(picker);
  }
}

prepare();
