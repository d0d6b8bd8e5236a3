// Speaking into the microphone of the device that shows the page: it goes to the player in small pieces, and the page
// says what becomes of it. All that is said stands in the page itself; this shows what holds.
"use strict";

const MOST = 4; // pieces of a quarter of a second: a slow link loses the oldest rather than to fall behind
const GIVE_UP = 4000; // ms without an answer
const LAST_WORDS = 3000; // ms until what was said is heard

const [asking, speaking] = [document.getElementById("asking"), document.getElementById("speaking")];
const [form, ending] = [asking.querySelector("form"), speaking.querySelector("form")];
const [browser, refusal] = [document.getElementById("browser"), document.getElementById("refusal")];

const show = (name, value) =>
  Array.from(document.querySelectorAll(`[data-${name}]`)).forEach((it) => {
    it.hidden = it.dataset[name] !== value;
  });

function whyNot() {
  if (!window.isSecureContext) return "insecure";
  return navigator.mediaDevices && window.AudioWorkletNode ? "" : "old";
}

// ── The microphone ───────────────────────────────────────────────────────────────────────────────────────────────

// Opens it; `hear` gets each piece of what it hears. Gives what closes it, and its track.
async function openMicrophone(hear) {
  const context = new AudioContext(); // while the finger's touch still counts
  try {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: false, noiseSuppression: true, autoGainControl: true },
    });
    await context.audioWorklet.addModule(form.dataset.cutter);
    await context.resume();
    const cutter = new AudioWorkletNode(context, "cutter");
    cutter.port.onmessage = (piece) => hear(piece.data);
    context.createMediaStreamSource(stream).connect(cutter).connect(context.destination); // it is heard as silence
    const [track] = stream.getAudioTracks();
    return { track, close: () => [track.stop(), context.close()] };
  } catch (error) {
    context.close();
    throw error;
  }
}

// ── The link ─────────────────────────────────────────────────────────────────────────────────────────────────────

const token = { "X-CSRFToken": form.elements.csrf_token.value };

async function ask(address, headers, body, patience) {
  const gone = new AbortController();
  const timer = patience && setTimeout(() => gone.abort(), patience);
  try {
    const init = { method: "POST", headers: { ...token, ...headers }, body, signal: gone.signal };
    const answer = await fetch(address, init);
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    return await answer.json();
  } finally {
    clearTimeout(timer);
  }
}

// ── Speaking ─────────────────────────────────────────────────────────────────────────────────────────────────────

// Opens the microphone and goes on air; resolves once the chime is heard, rejects with the sentence that says why not.
async function speak() {
  const waiting = []; // pieces, the oldest first
  let [stage, begun, sending] = ["", false, false];

  const enter = (next) => {
    if (stage === "over" || (stage === "ending" && next !== "over")) return;
    stage = next;
    show("stage", stage);
    speaking.classList.toggle("on-air", stage === "heard");
    document.getElementById("open").hidden = stage === "over";
  };

  const send = async () => {
    if (sending) return;
    sending = true;
    try {
      const pieces = new Blob(waiting.splice(0));
      const answer = await ask(form.dataset.speak, { "Content-Type": "application/octet-stream" }, pieces, GIVE_UP);
      begun = begun || answer.stage !== "waiting";
      if (begun && answer.stage === "waiting") finish();
      else enter(answer.stage);
    } catch (error) {
      enter("lost");
    }
    sending = false;
  };

  const microphone = await openMicrophone((piece) => {
    if (stage === "" || stage === "over") return;
    speaking.querySelector("meter").value = piece.level;
    waiting.push(piece.samples);
    if (waiting.length > MOST) waiting.shift();
    send();
  });

  const finish = () => {
    enter("over");
    microphone.close();
  };
  const leave = () => stage !== "over" && navigator.sendBeacon(form.dataset.leave, ticket());
  microphone.track.addEventListener("ended", leave); // unplugged, or no longer allowed
  window.addEventListener("pagehide", leave);
  ending.addEventListener("submit", (event) => {
    if (stage !== "heard") return;
    event.preventDefault();
    microphone.track.enabled = false; // silence follows the last word
    enter("ending");
    setTimeout(() => ending.submit(), LAST_WORDS);
  });

  enter("waiting");
  [asking.hidden, speaking.hidden] = [true, false];
  if (navigator.wakeLock) navigator.wakeLock.request("screen").catch(() => {});
  try {
    const answer = await ask(form.action, { "X-Microphone": "1" }, new FormData(form));
    if (answer.trouble) throw new Error(answer.trouble);
  } catch (error) {
    leave();
    finish();
    throw error;
  }
}

function ticket() {
  const body = new FormData();
  body.append("csrf_token", form.elements.csrf_token.value);
  return body;
}

function told(error) {
  if (error.name === "NotAllowedError") {
    return say(
      "Trình duyệt không được phép dùng micro. Bấm vào hình ổ khóa cạnh địa chỉ trang, cho phép micro, rồi thử lại.",
    );
  }
  if (error instanceof DOMException) {
    return say("Không mở được micro của máy này ({}). Cắm lại micro hoặc chọn micro khác, rồi thử lại.", error.name);
  }
  return error instanceof TypeError ? say("Mất kết nối nên chưa phát. Kiểm tra mạng rồi thử lại.") : error.message;
}

const [button, label] = [form.querySelector("button"), form.querySelector("button").textContent];

form.addEventListener("submit", (event) => {
  if (!browser.checked) return;
  event.preventDefault();
  refusal.hidden = true;
  speak().catch((error) => {
    [asking.hidden, speaking.hidden, refusal.hidden] = [false, true, false];
    [button.disabled, button.textContent, refusal.textContent] = [false, label, told(error)];
    refusal.scrollIntoView({ block: "center" });
  });
});

show("why", whyNot());
browser.disabled = Boolean(whyNot());
if (!browser.disabled && !form.querySelector("[name=microphone]:checked")) browser.checked = true;
