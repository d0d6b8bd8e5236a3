// The one script of the page: it keeps the shown truth fresh, asks before stopping, and shows an upload's progress.
"use strict";

const EVERY = 1000; // ms
const pad = (number) => String(number).padStart(2, "0");

// What changes is fetched as HTML and put in place only when it differs, so nothing jumps while nothing happens.
function keepFresh(place) {
  let lostAt = null;
  const lost = document.getElementById("lost");
  const look = async () => {
    if (document.hidden || place.querySelector("audio:not([data-ended])")) return;
    try {
      const answer = await fetch(place.dataset.live, { headers: { "X-Live": "1" }, signal: AbortSignal.timeout(5000) });
      if (answer.redirected) return location.reload();
      if (!answer.ok) throw new Error(answer.status);
      const html = await answer.text();
      if (html !== place.shown) {
        place.shown = html;
        place.innerHTML = html;
        prepare(place);
      }
      lostAt = null;
    } catch {
      const now = new Date();
      lostAt = lostAt || `${pad(now.getHours())}:${pad(now.getMinutes())}`;
    }
    if (lost) {
      lost.hidden = !lostAt;
      lost.textContent = `Mất kết nối từ ${lostAt}. Những gì bên dưới có thể đã cũ. Kiểm tra Wi-Fi của điện thoại và nguồn của máy.`;
    }
  };
  const again = () => look().finally(() => setTimeout(again, EVERY));
  setTimeout(again, EVERY);
}

// "Nghe thử" becomes a player in its place.
function prepare(place) {
  for (const link of place.querySelectorAll("[data-listen]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const audio = document.createElement("audio");
      audio.controls = true;
      audio.src = link.href;
      audio.addEventListener("ended", () => audio.setAttribute("data-ended", ""));
      audio.addEventListener("pause", () => audio.setAttribute("data-ended", ""));
      audio.addEventListener("play", () => audio.removeAttribute("data-ended"));
      link.replaceWith(audio);
      audio.play();
    });
  }
}

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

function showSending(form) {
  const sending = form.querySelector(".sending");
  const [bar, words] = [sending.querySelector("progress"), sending.querySelector("[role=status]")];
  const button = form.querySelector("button");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("X-Upload", "1");
    request.upload.addEventListener("progress", (sent) => {
      const part = Math.floor((100 * sent.loaded) / sent.total);
      bar.value = part;
      words.textContent = part < 100 ? `Đang tải lên ${part} %` : "Đang lưu vào thẻ nhớ…";
    });
    request.addEventListener("load", () => {
      if (request.status === 201) return location.assign(form.action);
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      const told = page.querySelector(".note.trouble, h1");
      stop(told ? told.textContent.trim() : "Tải lên không xong. Thử lại.");
    });
    request.addEventListener("error", () => stop("Mất mạng nên tệp chưa tải lên xong. Kiểm tra mạng rồi bấm Tải lên lần nữa."));
    button.disabled = true;
    sending.hidden = false;
    sending.classList.remove("failed");
    request.send(new FormData(form));
  });
  const stop = (sentence) => {
    button.disabled = false;
    sending.classList.add("failed");
    words.textContent = sentence;
  };
}

document.querySelectorAll("[data-live]").forEach(keepFresh);
document.querySelectorAll("[data-ask]").forEach(askFirst);
document.querySelectorAll("[data-busy]").forEach(showBusy);
document.querySelectorAll("[data-upload]").forEach(showSending);
prepare(document);
