// Puts the clock of this device beside the station's, so that a person sees at once which of them is wrong.
"use strict";

const TOGETHER = 5000; // ms: nearer than that nobody sees a difference

function compareClocks(place) {
  const device = new Date();
  const off = Number(place.dataset.compare) - device.getTime();
  const far = Math.abs(off) > TOGETHER;
  const seconds = Math.round(Math.abs(off) / 1000);
  const amount = seconds < 120 ? say("{} giây", seconds) : say("{} phút", Math.round(seconds / 60));
  const apart = off > 0 ? say("đài nhanh hơn {}", amount) : say("đài chậm hơn {}", amount);
  const told = far ? apart : say("như nhau");
  const shown = place.querySelector("dd");
  const clock = device.toLocaleTimeString("en-GB", { timeZone: place.dataset.zone });
  shown.textContent = `${clock} · ${told}`;
  shown.classList.toggle("lacking", far);
  place.hidden = false;
}

each("[data-compare]", compareClocks);
