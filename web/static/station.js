// The script of every page: it keeps the shown truth fresh and asks before stopping.
// ES2015, for old phones; without it every page still works, only not by itself.
"use strict";

const EVERY = 1000; // ms
const PATIENCE = 8000; // ms without an answer until the connection counts as lost

// What is said, in the language of the page; each {} is filled by a value.
const say = (text, ...values) => values.reduce((told, it) => told.replace("{}", it), (window.WORDS || {})[text] || text);

const each = (selector, action) => Array.from(document.querySelectorAll(selector)).forEach(action);

// ── What changes ─────────────────────────────────────────────────────────────────────────────────────────────────

function keepFresh(place) {
  let lostSince = "";
  const look = () => {
    if (document.hidden) return Promise.resolve();
    return fetchSoon(place.dataset.live)
      .then((html) => {
        const fresh = document.createElement("div");
        fresh.innerHTML = html;
        renew(place, fresh);
        lostSince = "";
      })
      .catch(() => {
        lostSince = lostSince || new Date().toTimeString().slice(0, 5);
      })
      .then(() => tellLost(place, lostSince));
  };
  const again = () => look().then(() => setTimeout(again, EVERY));
  setTimeout(again, EVERY);
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

function tellLost(place, since) {
  const lost = document.getElementById("lost");
  const mend = say("Kiểm tra Wi-Fi của điện thoại và nguồn điện của máy. Cần loa im ngay thì tắt nguồn tăng âm.");
  const sentence = since && `${say("Mất kết nối từ {}. Những gì bên dưới đã cũ.", since)} ${mend}`;
  if (lost.textContent !== sentence) lost.textContent = sentence;
  lost.hidden = !since;
  place.classList.toggle("stale", Boolean(since));
}

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
  });
  dialog.querySelector("[data-close]").addEventListener("click", (event) => {
    event.preventDefault();
    dialog.close();
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
each("[data-busy]", showBusy);
document.addEventListener("toggle", playOrPause, true); // it does not bubble
window.addEventListener("pageshow", (event) => event.persisted && location.reload()); // "back" shows the truth too
