// Recording into the page: what was heard is put into the form as if it were a file that was chosen. It is kept in the
// browser, second by second, until the station has it: neither a closed page nor an empty battery loses it.
"use strict";

const KINDS = { "audio/webm;codecs=opus": "webm", "audio/mp4": "m4a", "audio/ogg;codecs=opus": "ogg" };
const BITS = 96000; // a second
const LONGEST = 170 * 60; // s: the station takes three hours
const [LOOK, SLICE] = [100, 1000]; // ms

const place = document.getElementById("recorder");
const form = place.closest("form");
const [file, title] = [form.elements.file, form.elements.title];
const [player, trouble] = [place.querySelector("audio"), place.querySelector("[data-trouble]")];
const clock = (seconds) => [seconds / 60, seconds % 60].map((it) => String(Math.floor(it)).padStart(2, "0")).join(":");

const show = (name, value) =>
  Array.from(place.querySelectorAll(`[data-${name}]`)).forEach((it) => {
    it.hidden = it.dataset[name] !== value;
  });

function whyNot() {
  if (!window.isSecureContext) return "insecure";
  try {
    new DataTransfer();
    return navigator.mediaDevices && kindOf(MediaRecorder) ? "" : "old";
  } catch (error) {
    return "old";
  }
}

function kindOf(recorder) {
  return Object.keys(KINDS).find((it) => recorder.isTypeSupported(it));
}

// ── What is kept in the browser: slices, each with the instant at which its recording began ──────────────────────

const kept = (mode, deed) =>
  new Promise((resolve, reject) => {
    const opening = indexedDB.open("ghi-am", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("slices", { autoIncrement: true });
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const deal = opening.result.transaction("slices", mode);
      const answer = deed(deal.objectStore("slices"));
      deal.onabort = () => reject(deal.error);
      deal.oncomplete = () => {
        opening.result.close();
        resolve(answer && answer.result);
      };
    };
  });

const keep = (began, slice) => kept("readwrite", (slices) => slices.add({ began, slice })).catch(() => {});

const forget = (began) =>
  kept("readwrite", (slices) => {
    slices.openCursor().onsuccess = (event) => {
      const found = event.target.result;
      if (!found) return;
      if (found.value.began === began) found.delete();
      found.continue();
    };
  }).catch(() => {});

async function findKept() {
  const all = (await kept("readonly", (slices) => slices.getAll()).catch(() => [])) || [];
  const first = all.filter((it) => it.began === all[0].began);
  if (!first.length) return;
  const [{ began }] = first;
  offer(first.map((it) => it.slice), began, say("Bản ghi lúc {} chưa gửi.", hour(began)));
}

// ── Recording ────────────────────────────────────────────────────────────────────────────────────────────────────

async function record() {
  const context = new AudioContext(); // while the finger's touch still counts
  try {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: false, noiseSuppression: true, autoGainControl: true },
    });
    listen(context, stream);
  } catch (error) {
    context.close();
    throw error;
  }
}

function listen(context, stream) {
  const [began, since, slices] = [Date.now(), performance.now(), []];
  const recorder = new MediaRecorder(stream, { mimeType: kindOf(MediaRecorder), audioBitsPerSecond: BITS });
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  context.resume();
  const end = () => recorder.state !== "inactive" && recorder.stop();
  const looking = setInterval(() => {
    const elapsed = (performance.now() - since) / 1000;
    place.querySelector("[data-elapsed]").textContent = clock(elapsed);
    place.querySelector("meter").value = level(analyser);
    if (elapsed > LONGEST) end();
  }, LOOK);
  recorder.addEventListener("dataavailable", ({ data }) => {
    if (!data.size) return;
    slices.push(data);
    keep(began, data);
  });
  recorder.addEventListener("stop", () => {
    clearInterval(looking);
    stream.getTracks().forEach((it) => it.stop());
    context.close();
    delete form.dataset.recording;
    offer(slices, began, say("Đã ghi {}.", clock((performance.now() - since) / 1000)));
  });
  stream.getTracks()[0].addEventListener("ended", end); // unplugged, or no longer allowed
  place.querySelector("[data-end]").onclick = end;
  recorder.start(SLICE);
  form.dataset.recording = "yes"; // nobody leaves the page by mistake
  show("stage", "recording");
  if (navigator.wakeLock) navigator.wakeLock.request("screen").catch(() => {});
}

function level(analyser) {
  const heard = new Float32Array(analyser.fftSize);
  analyser.getFloatTimeDomainData(heard);
  return 10 * Math.log10(heard.reduce((sum, it) => sum + it * it, 0) / heard.length + 1e-9);
}

// ── What was recorded ────────────────────────────────────────────────────────────────────────────────────────────

function hour(instant) {
  const then = new Date(instant);
  return say("{} ngày {}", then.toTimeString().slice(0, 5), `${then.getDate()}/${then.getMonth() + 1}`);
}

function offer(slices, began, sentence) {
  const type = (slices[0] && slices[0].type) || kindOf(MediaRecorder);
  const kind = Object.keys(KINDS).find((it) => type.startsWith(it.split(";")[0]));
  const chosenFiles = new DataTransfer();
  chosenFiles.items.add(new File(slices, `ghi-am.${KINDS[kind]}`, { type: kind.split(";")[0], lastModified: began }));
  choose(chosenFiles.files);
  title.value = title.value || say("Ghi âm {}", hour(began));
  player.src = URL.createObjectURL(file.files[0]);
  place.querySelector("[data-told]").textContent = sentence;
  show("stage", "recorded");
}

function choose(files) {
  file.files = files;
  file.dispatchEvent(new Event("change"));
}

function told(error) {
  if (error.name === "NotAllowedError") {
    return say(
      "Trình duyệt không được phép dùng micro. Bấm vào hình ổ khóa cạnh địa chỉ trang, cho phép micro, rồi thử lại.",
    );
  }
  return say("Không mở được micro của máy này ({}). Cắm lại micro hoặc chọn micro khác, rồi thử lại.", error.name);
}

if (!whyNot()) {
  place.querySelector("[data-record]").addEventListener("click", () => {
    trouble.hidden = true;
    record().catch((error) => {
      [trouble.hidden, trouble.textContent] = [false, told(error)];
    });
  });
  place.querySelector("[data-discard]").addEventListener("click", () => {
    if (!window.confirm(say("Bỏ bản ghi này?"))) return;
    forget(file.files[0].lastModified);
    title.value = "";
    choose(new DataTransfer().files);
  });
  file.addEventListener("change", () => {
    if (file.files[0] && file.files[0].name.startsWith("ghi-am.")) return;
    player.pause();
    show("stage", "asking");
  });
  form.addEventListener("kept", ({ detail }) => detail.first.push(forget(detail.file.lastModified)));
  show("stage", "asking");
  findKept();
}
show("why", whyNot());
