// A practice station's only loudspeaker is the browser: what it plays keeps step with what the station has on air.
"use strict";

const APART = 0.7; // s by which the browser may be off before it is set right

let wanted = false; // whether the person wants to hear: the next programme too then
let shown = null; // the tape on the page, and when which place of it was told
let told = "";
let toldAt = 0;

function where() {
  return Number(told) + (performance.now() - toldAt) / 1000;
}

function follow() {
  const audio = document.querySelector(".hear audio");
  if (audio !== shown) meet(audio);
  if (!audio) return;
  if (audio.dataset.heard !== told) {
    told = audio.dataset.heard;
    toldAt = performance.now();
  }
  if (!audio.paused && audio.readyState && Math.abs(audio.currentTime - where()) > APART) audio.currentTime = where();
}

function meet(audio) {
  shown = audio;
  if (!audio) return;
  told = "";
  if (!audio.paused) wanted = true; // it was begun before anybody listened here
  audio.addEventListener("play", () => {
    wanted = true;
  });
  audio.addEventListener("pause", () => {
    if (audio.isConnected && !audio.ended) wanted = false;
  });
  if (wanted) audio.play().catch(() => {});
}

setInterval(follow, 250);
