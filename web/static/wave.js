// Two handles and a waveform for what the number fields say; without it the fields do.
"use strict";

const edit = document.querySelector("[data-edit]");
const whole = Number(edit.dataset.edit); // s
const audio = edit.querySelector("audio");

const wave = edit.querySelector(".wave");
const field = (name) => edit.querySelector(`#${name}`);
const point = document.documentElement.lang === "vi" ? "," : ".";
const clock = (s) => `${String(Math.floor(s / 60)).padStart(2, "0")}:${(s % 60).toFixed(1).padStart(4, "0")}`.replace(".", point);

function place() {
  const width = wave.viewBox.baseVal.width;
  const [start, end] = ["start", "end"].map((name) => (width * field(name).value) / whole);
  wave.querySelector("[data-before]").setAttribute("width", Math.max(0, start));
  wave.querySelector("[data-after]").setAttribute("x", end);
  wave.querySelector("[data-after]").setAttribute("width", Math.max(0, width - end));
  edit.querySelectorAll("[data-handle]").forEach((handle) => {
    handle.querySelector("output").textContent = clock(Number(handle.querySelector("[type=number]").value));
  });
}

// A range beside each number: arrow keys move it by a tenth of a second, a thumb by as much as it likes.
function addRange(handle) {
  const number = handle.querySelector("[type=number]");
  const range = document.createElement("input");
  Object.assign(range, { type: "range", min: 0, max: whole, step: 0.1, value: number.value });
  range.setAttribute("aria-label", handle.querySelector("span").firstChild.textContent.trim());
  range.addEventListener("input", () => {
    const atEnd = whole - Number(range.value) < 0.1; // the last step may not reach it
    number.value = atEnd ? whole : range.value;
    place();
  });
  number.addEventListener("input", () => {
    range.value = number.value;
    place();
  });
  handle.appendChild(range);
}

function listen() {
  audio.currentTime = Number(field("start").value);
  audio.play();
}

function follow() {
  const at = (wave.viewBox.baseVal.width * audio.currentTime) / whole;
  ["x1", "x2"].forEach((side) => wave.querySelector("[data-head]").setAttribute(side, at));
  if (!audio.paused && audio.currentTime >= Number(field("end").value)) audio.pause();
}

// Where listening stopped, or where the wave is touched, is "here".
function here(seconds) {
  const moment = field("moment");
  moment.value = seconds.toFixed(1);
  moment.dispatchEvent(new Event("input"));
}

if (wave) {
  edit.querySelectorAll("[data-handle]").forEach(addRange);
  const button = edit.querySelector("[data-listen]");
  button.hidden = false;
  button.addEventListener("click", listen);
  audio.addEventListener("timeupdate", follow);
  audio.addEventListener("pause", () => here(audio.currentTime));
  wave.addEventListener("click", (event) => {
    const box = wave.getBoundingClientRect();
    audio.currentTime = (whole * (event.clientX - box.left)) / box.width;
    here(audio.currentTime);
  });
  place();
}
