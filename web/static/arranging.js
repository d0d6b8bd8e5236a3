// Arranging a rundown by drag, by arrow keys and by its buttons, without loading the page again, and with its length
// told at once. Without it the buttons of each item do the same.
"use strict";

const PAUSE = 400; // ms without a change until the length is asked for
const EDGE = 90; // px from the top and above the bars below where dragging scrolls
const BARS = 150; // px

const form = document.querySelector("[data-look]");
const list = form.querySelector("[data-items]");

// ── How long it takes ────────────────────────────────────────────────────────────────────────────────────────────

let waiting = 0;
let asked = 0;

function lookSoon() {
  clearTimeout(waiting);
  waiting = setTimeout(look, PAUSE);
}

function look() {
  const mine = ++asked;
  fetch(form.dataset.look, { method: "POST", body: new FormData(form), credentials: "same-origin" })
    .then((response) => (response.ok ? response.json() : Promise.reject(new Error(response.status))))
    .then((seen) => mine === asked && show(seen))
    .catch(() => {
      form.querySelector("[data-total]").textContent = say("Mất kết nối nên chưa tính được dài bao lâu.");
    });
}

function show(seen) {
  Array.from(list.children).forEach((item) => {
    const row = seen.rows[item.dataset.item];
    const place = item.querySelector("[data-said]");
    if (!row) return;
    place.textContent = row.said;
    place.className = row.lacking ? "lacking" : "quiet";
  });
  form.querySelector("[data-total]").textContent = seen.total;
}

// ── Moving ───────────────────────────────────────────────────────────────────────────────────────────────────────

function nameOf(item) {
  const named = item.querySelector("[data-name]");
  const chosen = named.selectedOptions ? named.selectedOptions[0].text : named.value || named.textContent;
  return chosen.trim();
}

function tell(sentence) {
  form.querySelector("[data-told]").textContent = sentence;
}

function tellPlace(item) {
  const place = Array.from(list.children).indexOf(item) + 1;
  tell(say("{}: mục {} trong {}.", nameOf(item), place, list.children.length));
  lookSoon();
}

function move(item, steps) {
  const other = steps < 0 ? item.previousElementSibling : item.nextElementSibling;
  if (!other) return;
  list.insertBefore(other, steps < 0 ? item.nextElementSibling : item); // what has the focus stays where it is
  tellPlace(item);
}

function drop(item) {
  const near = item.nextElementSibling || item.previousElementSibling;
  tell(say("Đã bỏ {}.", nameOf(item)));
  list.removeChild(item);
  if (near) near.querySelector("[value^=drop]").focus();
  lookSoon();
}

list.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=do]");
  if (!button) return;
  event.preventDefault();
  const item = button.closest("[data-item]");
  const [step] = button.value.split(":");
  if (step === "drop") drop(item);
  else move(item, step === "up" ? -1 : 1);
});

// ── Dragging ─────────────────────────────────────────────────────────────────────────────────────────────────────

function addHandle(item) {
  const handle = document.createElement("button");
  Object.assign(handle, { type: "button", className: "drag", textContent: "⠿" });
  handle.setAttribute("aria-label", say("Kéo để đổi chỗ {}, hoặc bấm mũi tên lên, xuống", nameOf(item)));
  handle.addEventListener("keydown", (event) => {
    const steps = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!steps) return;
    event.preventDefault();
    move(item, steps);
  });
  handle.addEventListener("pointerdown", (event) => drag(handle, item, event));
  item.insertBefore(handle, item.firstChild);
}

function drag(handle, item, pressed) {
  if (pressed.button) return;
  pressed.preventDefault();
  handle.focus();
  handle.setPointerCapture(pressed.pointerId);
  item.classList.add("dragged");
  let from = pressed.pageY; // where the pointer would hold the item in its own place

  const follow = (event) => {
    const gone = () => event.pageY - from;
    const [before, after] = [item.previousElementSibling, item.nextElementSibling];
    if (after && gone() > after.offsetHeight / 2) {
      list.insertBefore(after, item);
      from += after.offsetHeight;
    } else if (before && gone() < -before.offsetHeight / 2) {
      list.insertBefore(before, item.nextElementSibling);
      from -= before.offsetHeight;
    }
    item.style.transform = `translateY(${gone()}px)`;
    if (event.clientY < EDGE) window.scrollBy(0, -12);
    else if (event.clientY > window.innerHeight - BARS) window.scrollBy(0, 12);
  };
  const end = () => {
    handle.removeEventListener("pointermove", follow);
    item.classList.remove("dragged");
    item.style.transform = "";
    tellPlace(item);
  };
  handle.addEventListener("pointermove", follow);
  handle.addEventListener("lostpointercapture", end, { once: true }); // let go, or taken away by the system
}

Array.from(list.children).forEach(addHandle);
form.addEventListener("input", lookSoon);
