// The script of every page: it keeps the shown truth fresh and asks before stopping.
// ES2015, for old phones; without it every page still works, only not by itself.
"use strict";

const EVERY = 1000; // ms from one look to the next where nothing is sent
const PATIENCE = 8000; // ms without an answer until the connection counts as lost
const SILENCE = 2500; // ms without a word, where each second has one, until the page looks for itself
const AGAIN = 10000; // ms after which it listens again
const DELIBERATE = 700; // ms after a question was shown within which nobody can have answered it
const SMOOTH = 250; // ms between two steps of what runs by itself

// What is said, in the language of the page; each {} is filled by a value.
const say = (text, ...values) => values.reduce((told, it) => told.replace("{}", it), (window.WORDS || {})[text] || text);

const each = (selector, action) => Array.from(document.querySelectorAll(selector)).forEach(action);

// ── What changes ─────────────────────────────────────────────────────────────────────────────────────────────────

// Keeps `place` true: by what the station sends, and by looking each second where it sends nothing.
function keepFresh(place) {
  let heardAt = Date.now();
  const heard = () => {
    heardAt = Date.now();
    tellLost(place, "");
  };
  const listener = listenToStation(place, heard);
  const look = () =>
    fetchSoon(place.dataset.live)
      .then((html) => showDrawn(place, html))
      .then(heard)
      .catch(() => tellLost(place, new Date(heardAt).toTimeString().slice(0, 5)));
  const turn = () => {
    if (document.hidden) return Promise.resolve(listener.rest());
    return listener.listens() ? Promise.resolve() : look();
  };
  const again = () => turn().then(() => setTimeout(again, EVERY));
  setTimeout(again, EVERY);
  document.addEventListener("visibilitychange", turn);
}

// Listens to the station while the page is looked at; without a stream, or with an old browser, it never hears anything.
function listenToStation(place, heard) {
  let stream = null;
  let openedAt = -AGAIN;
  let heardAt = -SILENCE;
  const now = () => performance.now();
  const rest = () => {
    if (stream) stream.close();
    stream = null;
    openedAt = -AGAIN;
  };
  const open = () => {
    rest();
    openedAt = now();
    stream = new EventSource(place.dataset.stream);
    stream.addEventListener("picture", (event) => showDrawn(place, JSON.parse(event.data)));
    stream.addEventListener("pulse", (event) => {
      heardAt = now();
      beat(JSON.parse(event.data));
      heard();
    });
  };
  const listens = () => {
    const hears = stream !== null && now() - heardAt < SILENCE;
    if (!hears && place.dataset.stream && window.EventSource && now() - openedAt >= AGAIN) open();
    return hears;
  };
  if (!document.hidden) listens();
  return { listens, rest };
}

function fetchSoon(address) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("late")), PATIENCE));
  const answer = fetch(address, { credentials: "same-origin" }).then((response) => {
    if (response.redirected) location.reload(); // signed out meanwhile
    if (!response.ok) throw new Error(response.status);
    return response.text();
  });
  return Promise.race([answer, late]);
}

// What is drawn for everybody has no token in its forms: they get that of this page. What is of one person stays as it is.
function showDrawn(place, html) {
  const fresh = document.createElement("div");
  fresh.innerHTML = html;
  const token = document.querySelector("[name=csrf_token]");
  Array.from(fresh.querySelectorAll("[name=csrf_token]")).forEach((it) => it.setAttribute("value", token.value));
  Array.from(fresh.querySelectorAll("[data-own]")).forEach((it) => {
    const own = document.getElementById(it.id);
    if (own) it.innerHTML = own.innerHTML;
  });
  renew(place, fresh);
}

function tellLost(place, since) {
  const lost = document.getElementById("lost");
  const mend = say("Kiểm tra Wi-Fi của điện thoại và nguồn điện của máy. Cần loa im ngay thì tắt nguồn tăng âm.");
  const told = say("Mất kết nối từ {}. Những gì bên dưới đã cũ.", since);
  const sentence = since && `${told} ${mend}`;
  if (lost.textContent !== sentence) lost.textContent = sentence;
  lost.hidden = !since;
  place.classList.toggle("stale", Boolean(since));
}

// ── What runs by itself between two drawings ─────────────────────────────────────────────────────────────────────

const setAll = (selector, value, name = "textContent") => each(selector, (it) => it[name] !== value && (it[name] = value));

function beat(pulse) {
  setAll("[data-clock]", pulse.clock);
  each("[data-until]", (it) => count(it, Number(it.dataset.until) - pulse.now));
  each("[data-heard]", (it) => "heard" in pulse && (it.dataset.heard = pulse.heard));
  each(".played", (bar) => "position" in pulse && run(bar, pulse.position));
  if ("level" in pulse) {
    setAll(".level meter", pulse.level, "value");
    setAll("[data-loud]", pulse.loud);
  }
}

function count(place, left) {
  if (left >= 0 && left < 600000) place.textContent = say("{} nữa", asLength(left / 1000));
}

// From `position` on the bar goes on with the time, until the station has not been heard for too long.
function run(bar, position) {
  const begun = performance.now();
  clearInterval(run.timer);
  const step = () => {
    const passed = performance.now() - begun;
    const reached = Math.min(bar.max, position + (bar.hasAttribute("data-runs") ? passed / 1000 : 0));
    bar.value = reached;
    setAll("[data-passed]", asLength(reached));
    setAll("[data-left]", asLength(bar.max - reached));
    if (passed > SILENCE || !bar.isConnected) clearInterval(run.timer);
  };
  step();
  run.timer = setInterval(step, SMOOTH);
}

// As the station writes it: 08:21, or 1:02:03.
function asLength(seconds) {
  const whole = Math.round(seconds);
  const two = (number) => String(number).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  const short = `${two(minutes % 60)}:${two(whole % 60)}`;
  return minutes < 60 ? short : `${Math.floor(minutes / 60)}:${short}`;
}

// ── Putting in place ─────────────────────────────────────────────────────────────────────────────────────────────

// Makes the children of `old` like those of `fresh`, touching only what differs: a finger that rests on a button, a
// keyboard's focus and a playing preview stay as they are.
function renew(old, fresh) {
  let at = old.firstChild;
  Array.from(fresh.childNodes).forEach((wanted) => {
    const known = wanted.id && document.getElementById(wanted.id);
    if (known && known !== at && known.parentNode === old) at = old.insertBefore(known, at);
    if (at && at.nodeName === wanted.nodeName && at.id === wanted.id) {
      adjust(at, wanted);
      at = at.nextSibling;
    } else {
      old.insertBefore(wanted, at);
    }
  });
  while (at) {
    const next = at.nextSibling;
    old.removeChild(at);
    at = next;
  }
}

function adjust(old, fresh) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  Array.from(fresh.attributes).forEach((it) => {
    if (old.getAttribute(it.name) !== it.value) old.setAttribute(it.name, it.value);
  });
  Array.from(old.attributes).forEach((it) => {
    if (!fresh.hasAttribute(it.name) && it.name !== "open") old.removeAttribute(it.name); // a person opened it
  });
  renew(old, fresh);
}

// ── What a person does ───────────────────────────────────────────────────────────────────────────────────────────

function askFirst(link) {
  const dialog = document.getElementById(link.dataset.ask);
  if (!dialog || !dialog.showModal) return; // an old browser goes to the page that asks
  link.addEventListener("click", (event) => {
    event.preventDefault();
    dialog.showModal();
    dialog.dispatchEvent(new Event("asked"));
  });
  dialog.querySelector("[data-close]").addEventListener("click", (event) => {
    event.preventDefault();
    dialog.close();
  });
}

// A form that no accident sends: not the second tap or the held key that opened it, nor Enter in one of its fields.
function sendDeliberately(form) {
  const button = form.querySelector("button");
  const dialog = form.closest("dialog");
  const wait = () => {
    button.disabled = true;
    setTimeout(() => (button.disabled = false), DELIBERATE);
  };
  if (dialog) dialog.addEventListener("asked", wait);
  else wait();
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input, select")) event.preventDefault();
  });
}

function showBusy(form) {
  form.addEventListener("submit", () => {
    const button = form.querySelector("button");
    button.disabled = true;
    button.textContent = form.dataset.busy;
  });
}

function playOrPause(event) {
  if (!event.target.matches("[data-plays]")) return;
  const audio = event.target.querySelector("audio");
  if (event.target.open) audio.play();
  else audio.pause();
}

each("[data-live]", keepFresh);
each("[data-ask]", askFirst);
each("[data-deliberate]", sendDeliberately);
each("[data-busy]", showBusy);
document.addEventListener("toggle", playOrPause, true); // it does not bubble
window.addEventListener("pageshow", (event) => event.persisted && location.reload()); // "back" shows the truth too
