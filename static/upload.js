// Sends an export with its progress in sight. Without this script the form does the same in one go; all words come
// from the form, in the reader's language.

const form = document.querySelector("[data-upload]");
if (form) prepare(form);

function prepare(form) {
  const input = form.querySelector("input[type='file']");
  const zone = form.querySelector("[data-drop]");

  input.addEventListener("change", () => choose(form, input.files));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form, input.files[0]);
  });

  // A file that misses the zone would otherwise open in the browser, and the page would be gone.
  for (const type of ["dragover", "drop"]) {
    window.addEventListener(type, (event) => event.preventDefault());
  }
  zone.addEventListener("dragover", () => zone.classList.add("over"));
  zone.addEventListener("dragleave", (event) => {
    if (!zone.contains(event.relatedTarget)) zone.classList.remove("over");
  });
  zone.addEventListener("drop", (event) => {
    zone.classList.remove("over");
    if (form.dataset.state === "sending") return;
    const items = [...event.dataTransfer.items];
    if (items.some((item) => item.webkitGetAsEntry?.()?.isDirectory)) return complain(form, form.dataset.folder);
    if (!choose(form, event.dataTransfer.files)) return;
    input.files = event.dataTransfer.files;
    if ("startOnDrop" in form.dataset) form.requestSubmit();
  });
}

// Whether exactly one file is there that is worth sending; says so if not.
function choose(form, files) {
  const chosen = form.querySelector("[data-chosen]");
  chosen.textContent = "";
  complain(form, "");
  if (files.length === 0) return false;
  if (files.length > 1) return complain(form, form.dataset.several);
  const [file] = files;
  if (file.size === 0) return complain(form, form.dataset.empty);
  if (file.size > Number(form.dataset.max) * 1024 * 1024) return complain(form, form.dataset.tooLarge);
  chosen.textContent = file.name;
  suggestTime(form, file.name);
  return true;
}

function complain(form, words) {
  form.querySelector("[data-problem]").textContent = words;
  return false;
}

// OTRS writes the time of the search into the file's name.
function suggestTime(form, name) {
  const field = form.querySelector("[data-as-of]");
  const found = /(\d{4}-\d{2}-\d{2})_(\d{2})-(\d{2})/.exec(name);
  if (field.value && field.value !== field.dataset.suggested) return;
  field.value = found ? `${found[1]}T${found[2]}:${found[3]}` : "";
  field.dataset.suggested = field.value;
}

function send(form, file) {
  if (form.dataset.state === "sending") return;
  if (!file) return complain(form, form.dataset.missing);
  if (!choose(form, [file])) return;
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "application/json");
  request.responseType = "json";
  request.upload.addEventListener("progress", (event) => showSent(form, event));
  request.addEventListener("load", () => finish(form, request));
  request.addEventListener("error", () => stop(form, form.dataset.broken));
  request.addEventListener("abort", () => stop(form, form.dataset.broken));
  const data = new FormData(form);
  data.set("file", file);
  request.send(data);
  start(form);
}

function start(form) {
  form.dataset.state = "sending";
  form.querySelector("[data-start]").disabled = true;
  form.querySelector("[data-sending]").hidden = false;
  window.addEventListener("beforeunload", warn);
}

function stop(form, words) {
  delete form.dataset.state;
  window.removeEventListener("beforeunload", warn);
  form.querySelector("[data-start]").disabled = false;
  form.querySelector("[data-sending]").hidden = true;
  complain(form, words);
}

function warn(event) {
  event.preventDefault();
}

function showSent(form, { loaded, total }) {
  const per = total ? Math.floor((100 * loaded) / total) : 0;
  form.querySelector("[data-sending] progress").value = per;
  form.querySelector("[data-sent]").textContent = `${per} %`;
}

function finish(form, request) {
  const answer = request.response;
  if (request.status < 300 && answer?.upload_id) {
    window.removeEventListener("beforeunload", warn);
    location.assign(`/?upload=${answer.upload_id}`);
  } else {
    stop(form, answer?.error ?? form.dataset.broken);
  }
}
