// The station's clock beside the telephone's: both run on, and what is sent is the telephone's time at that moment.
"use strict";

const card = document.querySelector("[data-clock]");
const station = Number(card.dataset.clock) - performance.now(); // ms since 1970 at the page's beginning
const offset = Number(card.dataset.offset); // of the station's own time
const form = document.getElementById("by-telephone");

function face(instant) {
  return new Date(instant + offset).toISOString().slice(11, 19);
}

function day(instant) {
  const [year, month, date] = new Date(instant + offset).toISOString().slice(0, 10).split("-");
  return `${date}/${month}/${year}`;
}

function apart(ms) {
  const seconds = Math.round(Math.abs(ms) / 1000);
  if (seconds < 2) return say("Đồng hồ của đài khớp với điện thoại.");
  const [days, hours, minutes] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  const length = days
    ? say("{} ngày {} giờ", days, hours)
    : hours
      ? say("{} giờ {} phút", hours, minutes)
      : minutes
        ? say("{} phút {} giây", minutes, seconds % 60)
        : say("{} giây", seconds);
  return ms > 0 ? say("Đồng hồ của đài chậm {}.", length) : say("Đồng hồ của đài nhanh {}.", length);
}

function show() {
  const [here, there] = [Date.now(), station + performance.now()];
  document.getElementById("station-time").textContent = face(there);
  if (!form) return;
  document.getElementById("telephone-time").textContent = `${face(here)} ${day(here)}`;
  document.getElementById("apart").textContent = apart(here - there);
}

if (form) {
  form.hidden = false;
  form.addEventListener("submit", () => {
    form.elements.telephone.value = Date.now();
  });
}
show();
setInterval(show, 500);
