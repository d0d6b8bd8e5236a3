// Sends recordings over links that break: in pieces, by the tus protocol, one file after another, each going on where
// it was. ES2017, for old phones; without it the form sends as any form does.
"use strict";

const BLOCK = 4096; // bytes: pieces end where blocks of the card do
const [SMALLEST, LARGEST] = [4 * BLOCK, 256 * BLOCK]; // bytes of a piece
const AIM = 3000; // ms that a piece should take: a link that breaks loses no more
const GROWTH = 1.25; // at most, from piece to piece: what broke the link once may break it again
const STALLED = 20000; // ms in which no byte gets out
const KEEPING = 180000; // ms until all that got out is answered: the last piece makes a segment
const WAITS = [1, 2, 4, 8, 15, 30]; // s until the next try
const FINAL = [400, 401, 403, 413, 507]; // answers that trying again does not change

const sender = document.querySelector("[data-uploads]");
const [chosen, named] = [sender.elements.file, sender.elements.title];
const list = document.getElementById("sendings");
const noted = document.getElementById("refusal");
const point = document.documentElement.lang === "vi" ? "," : ".";
const megabytes = (bytes) => (bytes / 1048576).toFixed(1).replace(".", point);
const read = (blob) => new Response(blob).arrayBuffer();
const base64 = (bytes) => btoa(Array.from(bytes, (it) => String.fromCharCode(it)).join(""));

class Refusal extends Error {}

// What a file is known again by: its length, and what is at its beginning, in its middle and at its end.
async function markOf(file) {
  const samples = [0, file.size / 2, file.size - 16 * BLOCK].map((it) => Math.max(0, Math.floor(it)));
  const bytes = new Uint8Array(await read(new Blob(samples.map((it) => file.slice(it, it + 16 * BLOCK)))));
  const hash = bytes.reduce((so, byte) => Math.imul(so ^ byte, 0x01000193), 0x811c9dc5);
  return `${file.size}-${(hash >>> 0).toString(16)}`;
}

let wake = () => {};
const wait = (seconds) => new Promise((resolve) => [(wake = resolve), setTimeout(resolve, 1000 * seconds)]);
window.addEventListener("online", () => wake());
document.addEventListener("visibilitychange", () => wake());

// ── One file ─────────────────────────────────────────────────────────────────────────────────────────────────────

class Sending {
  constructor(file, facts, row) {
    Object.assign(this, { file, facts, row, state: "", address: "", offset: 0, known: false, segment: "", piece: 32 * BLOCK });
    row.querySelector(".what").textContent = facts.title || file.name;
    row.querySelector("[data-toggle]").addEventListener("click", () => this.toggle());
    row.querySelector("[data-drop]").addEventListener("click", () => this.drop());
    this.show("waiting", say("Chờ gửi."));
  }

  show(state, sentence, sent = this.offset) {
    const [row, toggle] = [this.row, this.row.querySelector("[data-toggle]")];
    this.state = state;
    row.className = `sending ${state}`;
    row.querySelector("progress").value = (100 * sent) / this.file.size;
    row.querySelector("[role=status]").textContent = sentence;
    toggle.textContent = { paused: say("Gửi tiếp"), failed: say("Thử lại") }[state] || say("Tạm dừng");
    row.querySelector(".deeds").hidden = state === "kept";
  }

  get done() {
    return say("Đã gửi {} / {} MB.", megabytes(this.offset), megabytes(this.file.size));
  }

  toggle() {
    if (["paused", "failed"].includes(this.state)) this.show("waiting", say("Chờ gửi."));
    else this.stop("paused", say("Tạm dừng. {}", this.done));
    next();
  }

  drop() {
    if (this.offset && !window.confirm(say("Bỏ tệp này? Phần đã gửi sẽ mất."))) return;
    this.stop("dropped", "");
    if (this.address) this.ask("DELETE", this.address, {}).catch(() => {}); // it is given up by itself in a week
    this.row.remove();
    next();
  }

  stop(state, sentence) {
    this.show(state, sentence);
    if (this.request) this.request.abort();
    wake();
  }

  // Until it is kept, paused or refused.
  async run() {
    this.show("sending", say("Đang nối với máy…"));
    this.known = false; // what was on its way when it was paused may have arrived
    for (let misses = 0; this.state === "sending"; ) {
      try {
        if (!this.address) await this.begin();
        else if (!this.known) await this.look();
        else {
          await this.sendPiece();
          misses = 0;
        }
        if (this.segment) await this.keep();
      } catch (error) {
        if (this.state !== "sending") return;
        if (error instanceof Refusal) return this.show("failed", error.message);
        this.known = false;
        this.piece = Math.max(SMALLEST, this.piece / 2);
        this.show("sending", say("{}, sẽ tự gửi tiếp. {}", error.message, this.done));
        this.row.classList.add("lost");
        await wait(WAITS[Math.min(misses++, WAITS.length - 1)]);
      }
    }
  }

  keep() {
    this.show("kept", say("✓ Đã nhận."), this.file.size);
    const detail = { file: this.file, first: [] }; // what must be done before the page may be left
    sender.dispatchEvent(new CustomEvent("kept", { detail }));
    return Promise.all(detail.first);
  }

  async begin() {
    const facts = Object.assign({ filename: this.file.name, mark: await this.readable(markOf(this.file)) }, this.facts);
    const told = Object.keys(facts).map((it) => `${it} ${base64(new TextEncoder().encode(facts[it]))}`);
    const headers = { "Upload-Length": this.file.size, "Upload-Metadata": told.join(",") };
    const answer = await this.ask("POST", sender.dataset.uploads, headers);
    expect(answer, 201);
    this.address = answer.getResponseHeader("Location");
    this.heed(answer);
    leftBehind(this.address).filter((it) => it !== this.row).forEach((it) => it.remove());
  }

  async look() {
    const answer = await this.ask("HEAD", this.address, {});
    if (answer.status === 404) {
      this.address = "";
      return;
    }
    expect(answer, 200);
    this.heed(answer);
  }

  // The next piece; an empty one where all had come and only the last answer was lost.
  async sendPiece() {
    const { offset, file } = this;
    const end = Math.min(file.size, BLOCK * Math.floor((offset + this.piece) / BLOCK));
    const bytes = await this.readable(read(file.slice(offset, end)));
    const headers = { "Upload-Offset": offset, "Content-Type": "application/offset+octet-stream" };
    if (window.crypto && crypto.subtle) {
      headers["Upload-Checksum"] = `sha1 ${base64(new Uint8Array(await crypto.subtle.digest("SHA-1", bytes)))}`;
    }
    const began = performance.now();
    const answer = await this.ask("PATCH", this.address, headers, bytes, (sent) => this.tell(offset + sent));
    expect(answer, 204);
    this.heed(answer);
    this.segment = answer.getResponseHeader("Upload-Segment") || "";
    const fit = (bytes.byteLength * AIM) / (performance.now() - began);
    this.piece = Math.max(SMALLEST, Math.min(LARGEST, fit, GROWTH * this.piece));
  }

  heed(answer) {
    this.offset = Number(answer.getResponseHeader("Upload-Offset"));
    this.known = true;
    this.tell(this.offset);
  }

  tell(sent) {
    if (this.state !== "sending") return;
    const [come, all] = [Math.min(sent, this.file.size), this.file.size];
    const going = say("Đang gửi {} / {} MB", megabytes(come), megabytes(all));
    this.show("sending", come < all ? going : say("Đang lưu vào thẻ nhớ…"), come);
  }

  readable(reading) {
    return reading.catch(() => {
      throw new Refusal(say("Không đọc được tệp này nữa. Tải lại trang rồi chọn lại tệp."));
    });
  }

  // One request; rejects when the link breaks or stands still.
  ask(method, address, headers, body = null, progress = () => {}) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      let timer = 0;
      const patience = (time) => [clearTimeout(timer), (timer = setTimeout(() => request.abort(), time))];
      request.open(method, address);
      const usual = { "Tus-Resumable": "1.0.0", "X-CSRFToken": sender.elements.csrf_token.value };
      const all = Object.assign(usual, headers);
      Object.keys(all).forEach((it) => request.setRequestHeader(it, all[it]));
      request.upload.addEventListener("progress", (event) => [patience(STALLED), progress(event.loaded)]);
      request.upload.addEventListener("load", () => patience(KEEPING));
      request.addEventListener("loadend", () => {
        clearTimeout(timer);
        if (request.status) resolve(request);
        else reject(new Error(say("Mất mạng")));
      });
      patience(STALLED);
      request.send(body);
      this.request = request;
    });
  }
}

function expect(answer, status) {
  if (answer.status === status) return;
  if (!FINAL.includes(answer.status)) throw new Error(say("Máy đang bận"));
  let trouble = say("Máy không nhận tệp này. Tải lại trang rồi thử lại.");
  try {
    trouble = JSON.parse(answer.responseText).trouble;
  } catch (error) {
    // something between the phone and the station answered
  }
  throw new Refusal(trouble);
}

// ── All of them ──────────────────────────────────────────────────────────────────────────────────────────────────

const sendings = [];
let current = null;

async function next() {
  if (current) return;
  current = sendings.find((it) => it.state === "waiting") || null;
  if (!current) return leave();
  await current.run();
  current = null;
  next();
}

// What was kept is best seen in the library, once there is nothing more to do here.
function leave() {
  if (chosen.files.length || sender.dataset.recording) return;
  const rest = sendings.filter((it) => it.state !== "dropped");
  if (rest.length && rest.every((it) => it.state === "kept")) location.assign(sender.dataset.then);
}

function add(file, facts, row) {
  list.appendChild(row);
  sendings.push(new Sending(file, facts, row));
  next();
}

function newRow() {
  return document.importNode(document.getElementById("sending").content, true).firstElementChild;
}

function refuse(sentence) {
  noted.hidden = !sentence;
  noted.textContent = sentence;
  if (sentence) noted.scrollIntoView({ block: "center" });
}

sender.addEventListener("submit", (event) => {
  event.preventDefault();
  const [files, most] = [Array.from(chosen.files), Number(sender.dataset.largest)];
  const large = files.find((it) => it.size > most);
  if (large) {
    const which = files.length > 1 ? `“${large.name}”` : say("Tệp này");
    const told = say("{} {} MB, máy chỉ nhận được {} MB.", which, megabytes(large.size), megabytes(most));
    const mend = say("Cắt ngắn hoặc nén tệp rồi chọn lại.");
    refuse(`${told} ${mend}`);
    return;
  }
  refuse("");
  const title = files.length === 1 ? named.value.trim() : "";
  files.forEach((file) => add(file, { title, kind: sender.elements.kind.value }, newRow()));
  [chosen.value, named.value] = ["", ""];
  chosen.dispatchEvent(new Event("change"));
  list.scrollIntoView({ block: "center" });
  if (navigator.wakeLock) navigator.wakeLock.request("screen").catch(() => {});
});

chosen.addEventListener("change", () => {
  const several = chosen.files.length > 1;
  [document.getElementById("one").hidden, document.getElementById("several").hidden] = [several, !several];
});

window.addEventListener("beforeunload", (event) => {
  if (!current && !sender.dataset.recording) return;
  event.preventDefault();
  event.returnValue = "";
});

// ── What an earlier visit left behind ────────────────────────────────────────────────────────────────────────────

function leftBehind(address) {
  return Array.from(list.children).filter((it) => it.dataset.address === address);
}

function offerAgain(row) {
  const { address, mark, title, kind } = row.dataset;
  row.hidden = false;
  row.querySelector("input").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    if ((await markOf(file).catch(() => "")) === mark) {
      row.remove();
      add(file, { title, kind }, newRow());
      return;
    }
    row.classList.add("failed");
    const other = say("“{}” không phải tệp đã gửi dở. Chọn lại đúng tệp đó.", file.name);
    row.querySelector("[role=status]").textContent = other;
    event.target.value = "";
  });
  row.querySelector("[data-drop]").addEventListener("click", () => {
    if (!window.confirm(say("Bỏ tệp này? Phần đã gửi sẽ mất."))) return;
    const headers = { "Tus-Resumable": "1.0.0", "X-CSRFToken": sender.elements.csrf_token.value };
    fetch(address, { method: "DELETE", credentials: "same-origin", headers }).then(() => row.remove(), () => {});
  });
}

Array.from(list.children).forEach(offerAgain);
