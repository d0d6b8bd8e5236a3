// The stations as they are now, from `live.json` beside this page while `station province live` writes it.
const EVERY = 3000, AGAIN = 30000, OLD = 20000, DRAWN_ANEW = 10 * 60000; // ms
const RESULTS = {
  none: "chưa trả lời", failed: "lỗi, không ai nghe được", refused: "từ chối", proposed: "chờ xã quyết định", cut: "bị ngắt",
  coming: "sắp phát", airing: "đang phát", noted: "đã nhận", aired: "đã phát",
};
const find = (id) => document.getElementById(id);
const lines = document.querySelectorAll("[data-live]");
let told = null, heard = 0;

const clock = new Intl.DateTimeFormat("vi-VN", { timeZone: "Asia/Ho_Chi_Minh", hour: "2-digit", minute: "2-digit" });
const date = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Ho_Chi_Minh", day: "2-digit", month: "2-digit" });

function time(at) {
  const day = date.format(at);
  return clock.format(at) + (day === date.format(Date.now()) ? "" : ` ngày ${day}`);
}

function make(tag, words, look = "") {
  const made = document.createElement(tag);
  made.textContent = words;
  made.className = look;
  return made;
}

function put(element, words, look) {
  if (element.textContent !== words) element.textContent = words;
  if (look !== undefined) element.className = look;
  element.hidden = !words;
}

function gone(station) {
  if (station.since) return `mất kết nối từ ${time(station.since)}`;
  return station.seen ? `mất kết nối, tin cuối lúc ${time(station.seen)}` : "chưa từng kết nối";
}

function wrong(station) {
  return station.player === false || station.faults.length > 0;
}

function line(station) {
  if (!station || station.up === null) return ["", "live"];
  if (!station.up) return [`✕ ${gone(station)}`, "live bad"];
  const more = station.player === false ? ["máy phát không chạy"] : [];
  if (station.on_air !== null) more.push(`đang phát “${station.on_air}”`);
  if (station.faults.length) more.push(`${station.faults.length} sự cố: ${station.faults[0]}`);
  return [["đang kết nối", ...more].join(" · "), wrong(station) ? "live faulty" : "live well"];
}

function alert(it) {
  const all = Object.values(it.counts).reduce((sum, count) => sum + count, 0);
  const done = (it.counts.aired ?? 0) + (it.counts.noted ?? 0), card = make("section", "", it.silent ? "alert silent" : "alert");
  card.append(make("h3", it.silent ? "Kiểm tra đường truyền" : `“${it.title}”`));
  card.append(make("p", `Gửi lúc ${time(it.sent)}, hiệu lực đến ${time(it.until)}`, "quiet"));
  const counts = Object.entries(it.counts).filter(([answer]) => answer !== "aired" && answer !== "noted");
  const rest = counts.map(([answer, count]) => `${count} ${RESULTS[answer]}`).join(" · ");
  const first = make("p", "");
  first.append(make("strong", `${done}/${all} đài ${it.silent ? "đã nhận" : "đã phát"}`), rest && ` · ${rest}`);
  card.append(first);
  for (const answer of Object.keys(RESULTS)) {
    const those = it.to_call.filter(([result]) => result === answer);
    if (!those.length) continue;
    const list = make("ul", "", "names");
    for (const [, code, reason] of those) {
      const name = make("li", told.stations[code].name);
      name.append(" ", make("span", [code, told.stations[code].up === false ? "mất kết nối" : "", reason].filter(Boolean).join(" · "), "quiet"));
      list.append(name);
    }
    const call = it.silent ? "" : ", cần gọi điện";
    card.append(make("p", `${RESULTS[answer]}${call}: ${those.length} đài`, "bad call"), list);
  }
  return card;
}

function show(old) {
  const stations = Object.entries(told.stations), known = !old && told.broker.up;
  const up = stations.filter(([, it]) => it.up), away = stations.filter(([, it]) => it.up === false);
  find("live").hidden = false;
  put(find("live-old"), old ? `Tin trực tiếp dừng từ ${time(told.at)}: xem máy chủ của tỉnh.`
    : told.broker.up ? "" : `Mất máy chủ đẩy tin từ ${time(told.broker.since)}: không biết đài nào đang kết nối.`);
  find("live-now").hidden = !known;
  put(find("live-up"), `${up.length}/${stations.length}`);
  put(find("live-on-air"), `${up.filter(([, it]) => it.on_air !== null).length}`);
  put(find("live-faults"), `${up.filter(([, it]) => wrong(it)).length}`);
  find("live-alerts").replaceChildren(...(old ? [] : told.alerts.map(alert)));
  put(find("live-gone-head"), known && away.length ? `Mất kết nối: ${away.length} đài` : "");
  find("live-gone").replaceChildren(...(known ? away : []).map(([code, it]) => {
    const name = make("li", it.name);
    name.append(" ", make("span", `${code} · ${gone(it)}`, "quiet"));
    return name;
  }));
  for (const element of lines) put(element, ...line(known ? told.stations[element.dataset.live] : null));
}

async function poll() {
  let wait = EVERY;
  try {
    const answer = await fetch("live.json", { cache: "no-store" });
    if (answer.ok) {
      told = await answer.json();
      heard = performance.now() - Math.max(0, Date.parse(answer.headers.get("Date")) - told.at);
    } else {
      wait = AGAIN;
    }
  } catch {
    wait = EVERY; // the line is away: what was told grows old
  }
  if (told && performance.now() > DRAWN_ANEW) location.reload(); // the reports below are of when it was drawn
  else if (told) show(performance.now() - heard > OLD);
  setTimeout(poll, wait);
}

if (location.protocol !== "file:") poll();
