#!/usr/bin/env bash
# Installs Loa xã on Raspberry Pi OS or Debian. So far it knows one way, --try: a practice station in this checkout.
# tests/run sources this file, so that packages and environment are made in one way only.
set -euo pipefail

CHECKOUT=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly CHECKOUT
readonly LOG=$CHECKOUT/var/install.log
readonly VENV=$CHECKOUT/.venv
readonly SYSTEM_PYTHON=/usr/bin/python3 # another python3 on PATH would not see python3-lgpio

# util-linux has prlimit, ionice, setpriv, choom, chrt and unshare, which confine every child.
readonly STATION_PACKAGES=(ca-certificates espeak-ng ffmpeg libvlc5 python3 python3-venv util-linux vlc-plugin-base)

usage() {
  cat <<'WORDS'
Loa xã: đài truyền thanh xã trên Raspberry Pi.

  ./install.sh --try    chạy thử một trạm tập ngay trong thư mục này: tăng âm mô phỏng,
                        phát được vào bất cứ giờ nào
  ./install.sh --help   xem hướng dẫn này
WORDS
}

say() { printf '%s\n' "$@"; } # each argument is a line

fail() {
  printf 'Không xong: %s\n' "$*" >&2
  exit 1
}

# ── Progress ─────────────────────────────────────────────────────────────────────────────────────────────────────

# watched READER COMMAND…: all that the command prints goes to the log; READER turns a line of it into a few words
# for whoever watches a terminal.
watched() {
  local reader=$1 line
  shift
  if "$@" 2>&1 </dev/null | while IFS= read -r line; do
    [[ $line =~ ^(dl|pm)status: ]] || printf '%s\n' "$line" >>"$LOG"
    if [[ -t 1 ]]; then "$reader" "$line"; fi
  done; then
    show_progress ''
  else
    show_progress ''
    tail -n 12 "$LOG" >&2
    return 1
  fi
}

show_progress() { if [[ -t 1 ]]; then printf '\r\e[K%s' "$1"; fi; }

apt_progress() {
  if [[ $1 =~ ^dlstatus:[^:]*:([0-9]+) ]]; then show_progress "   tải về ${BASH_REMATCH[1]} %"; fi
  if [[ $1 =~ ^pmstatus:[^:]*:([0-9]+) ]]; then show_progress "   cài đặt ${BASH_REMATCH[1]} %"; fi
}

pip_progress() {
  if [[ $1 =~ ^Collecting\ ([^=\ ]+) ]]; then show_progress "   tải về ${BASH_REMATCH[1]}"; fi
  if [[ $1 == 'Installing collected'* ]]; then show_progress '   cài đặt'; fi
}

# ── The machine ──────────────────────────────────────────────────────────────────────────────────────────────────

on_a_pi() { grep -qs 'Raspberry Pi' /proc/device-tree/model; }

require_debian() {
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    fail 'máy này không dùng apt. Loa xã chạy trên Raspberry Pi OS hoặc Debian, từ bản 12 (bookworm).'
  fi
}

# What root makes, its owner could not change in the next run: under sudo, go on as the one who called.
step_down_from_sudo() {
  local caller=${SUDO_UID:-0}
  if ((EUID == 0 && caller != 0)) && [[ $(stat -c %u "$CHECKOUT") == "$caller" ]]; then
    exec sudo -u "#$caller" -- "$CHECKOUT/install.sh" "$@"
  fi
}

require_own_checkout() {
  local place
  for place in "$CHECKOUT" "$CHECKOUT/var" "$VENV"; do
    if [[ -e $place && ! -w $place ]]; then
      fail "không có quyền ghi vào $place. Lấy lại quyền: sudo chown -R \"\$USER\" '$CHECKOUT'"
    fi
  done
  mkdir -p "$CHECKOUT/var"
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail 'cần quyền quản trị để cài gói, mà máy không có sudo. Hãy chạy lại bằng tài khoản root.'
  fi
}

# ── Packages ─────────────────────────────────────────────────────────────────────────────────────────────────────

missing_of() {
  local package
  for package in "$@"; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || printf '%s\n' "$package"
  done
}

install_missing() {
  local missing
  mapfile -t missing < <(missing_of "$@")
  if ((${#missing[@]} == 0)); then return; fi
  say "• Cài các gói hệ thống còn thiếu: ${missing[*]}"
  if ((EUID != 0)); then as_root true; fi # asks for the password before its question would end in the log
  { apt update && apt install -y --no-install-recommends "${missing[@]}"; } ||
    fail "chưa cài được các gói hệ thống. Kiểm tra mạng rồi chạy lại; chi tiết ở $LOG."
}

# Status-Fd gives percentages. The lock is waited for: a fresh Pi updates itself in the background.
apt() {
  watched apt_progress as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -o APT::Status-Fd=1 -o DPkg::Lock::Timeout=300 "$@"
}

# ── The environment ──────────────────────────────────────────────────────────────────────────────────────────────

require_python() {
  "$SYSTEM_PYTHON" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' ||
    fail "cần Python từ 3.11 đến 3.13, máy này có $("$SYSTEM_PYTHON" -V). Hãy dùng Raspberry Pi OS hoặc Debian từ bản 12."
}

# make_environment REQUIREMENTS: the checkout's .venv with exactly what that file pins; nothing is done twice.
make_environment() {
  local pins=$1 made from
  require_python
  fresh_venv || new_venv
  made=$VENV/made-from-${pins//\//-}
  from=$(cat "$CHECKOUT/$pins" "$CHECKOUT/pyproject.toml" | sha256sum)
  if [[ -f $made && $(<"$made") == "$from" ]]; then return; fi
  say "• Cài các thư viện Python vào $VENV"
  { pip install --require-hashes --requirement "$CHECKOUT/$pins" &&
    pip install --no-deps --no-build-isolation --editable "$CHECKOUT"; } ||
    fail "chưa cài được thư viện Python. Kiểm tra mạng rồi chạy lại; chi tiết ở $LOG."
  printf '%s' "$from" >"$made"
}

pip() {
  PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_NO_INPUT=1 \
    watched pip_progress "$VENV/bin/python" -m pip "$@"
}

# Only on a Pi does the environment see the system's packages: there is python3-lgpio, which has no wheel for 3.13.
sees_system() { if on_a_pi; then say true; else say false; fi; }

# A venv serves the Python and the folder that it was made for. pip comes last into it: without pip it is half made.
fresh_venv() {
  local config=$VENV/pyvenv.cfg python
  python=$("$SYSTEM_PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  [[ -x $VENV/bin/pip && -x $VENV/bin/python ]] &&
    grep -qxF "include-system-site-packages = $(sees_system)" "$config" &&
    grep -q "^version = ${python/./\\.}\." "$config" &&
    grep -qF -e "#!$VENV/bin/python" -e "exec' $VENV/bin/python" -e "exec' \"$VENV/bin/python" "$VENV/bin/pip"
}

new_venv() {
  local options=(--clear)
  if on_a_pi; then options+=(--system-site-packages); fi
  say "• Tạo môi trường Python ở $VENV"
  "$SYSTEM_PYTHON" -m venv "${options[@]}" "$VENV" >>"$LOG" 2>&1 || fail "không tạo được $VENV; chi tiết ở $LOG."
}

# ── The practice station ─────────────────────────────────────────────────────────────────────────────────────────

readonly STATION=$VENV/bin/station
readonly PRACTICE=$CHECKOUT/var/tap
readonly FIRST_PORT=8080
readonly PATIENCE_S=60 # for a slow card; a fast one needs two
readonly GRACE_S=15    # the player fades out, switches off and closes its log

player='' page='' port=''

try() {
  local packages=("${STATION_PACKAGES[@]}")
  if on_a_pi; then packages+=(python3-lgpio); fi
  step_down_from_sudo --try
  require_debian
  require_own_checkout
  say 'Loa xã: chuẩn bị trạm tập. Lần đầu mất vài phút, những lần sau vài giây.'
  install_missing "${packages[@]}"
  make_environment requirements.txt
  prepare_practice
  start_practice
  welcome
  wait_for_an_end
}

prepare_practice() {
  unset STATION_HOME STATION_CONFIG RUNTIME_DIRECTORY # a real station's places are none of ours
  say '• Chuẩn bị nội dung mẫu'
  local heard=(--sound)
  if on_a_pi; then heard=(); fi # its sound card may hang on the amplifiers: there the browser alone is heard
  "$STATION" practice "${heard[@]}" "$PRACTICE" | sed -u 's/^/   /' || fail 'chưa chuẩn bị được trạm tập.'
}

# In the background of a script a process ignores Ctrl+C: this script alone takes it, and ends both.
start_practice() {
  trap end_practice EXIT
  trap 'exit 0' INT
  trap 'exit 143' TERM HUP
  say '• Mở máy phát và trang điều khiển'
  "$STATION" --home "$PRACTICE" run </dev/null >"$PRACTICE/player.log" 2>&1 &
  player=$!
  port=$(free_port)
  "$STATION" --home "$PRACTICE" web --port "$port" </dev/null >"$PRACTICE/page.log" 2>&1 &
  page=$!
  wait_until_answers "$player" "$STATION" --home "$PRACTICE" status
  wait_until_answers "$page" page_answers
}

free_port() {
  "$VENV/bin/python" - "$FIRST_PORT" <<'PYTHON'
import socket, sys

for port in range(int(sys.argv[1]), 65536):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError:
            continue
    print(port)
    break
PYTHON
}

# wait_until_answers PROCESS COMMAND…: until the command succeeds, as long as the process lives.
wait_until_answers() {
  local process=$1 deadline=$((SECONDS + PATIENCE_S))
  shift
  until "$@" >/dev/null 2>&1; do
    if ! kill -0 "$process" 2>/dev/null; then wait_for_an_end; fi
    if ((SECONDS > deadline)); then fail "$(name_of "$process") không trả lời sau $PATIENCE_S giây."; fi
    sleep 0.2
  done
}

page_answers() (
  exec 3<>"/dev/tcp/127.0.0.1/$port"
  printf 'GET / HTTP/1.0\r\n\r\n' >&3
  read -r -t 5 answer <&3 && [[ $answer == HTTP/1.* ]]
)

name_of() { if [[ $1 == "$player" ]]; then say 'Máy phát'; else say 'Trang điều khiển'; fi; }

log_of() { if [[ $1 == "$player" ]]; then say "$PRACTICE/player.log"; else say "$PRACTICE/page.log"; fi; }

# The page says where it is, and the code for the first person while there is none.
welcome() {
  say '' 'Trạm tập đang chạy. Mở trang điều khiển bằng trình duyệt, trên máy này hay trên điện thoại cùng mạng:'
  sed 's/^/   /' "$PRACTICE/page.log"
  say '' 'Nhấn Ctrl+C để dừng.'
}

# Both should run until Ctrl+C; when one ends by itself, say so and end with its status.
wait_for_an_end() {
  local ended='' status=0
  wait -n -p ended "$player" "$page" || status=$?
  printf '\n%s đã tự dừng (mã %d). Cuối nhật ký %s:\n' "$(name_of "$ended")" "$status" "$(log_of "$ended")" >&2
  tail -n 12 "$(log_of "$ended")" >&2
  exit $((status ? status : 1))
}

end_practice() {
  local status=$? deadline=$((SECONDS + GRACE_S))
  trap '' INT TERM HUP EXIT # a second Ctrl+C must not leave one of them running
  signal_practice TERM
  while signal_practice 0; do
    if ((SECONDS > deadline)); then signal_practice KILL; fi
    sleep 0.1
  done
  say '' 'Trạm tập đã dừng.'
  exit "$status"
}

# Signals whichever of the two still lives; fails when neither does.
signal_practice() {
  local process living=1
  for process in $player $page; do
    if kill -s "$1" "$process" 2>/dev/null; then living=0; fi
  done
  return "$living"
}

# ── The way in ───────────────────────────────────────────────────────────────────────────────────────────────────

main() {
  case ${1-} in
    --try) try ;;
    --help) usage ;;
    '')
      say 'Bản cài chính thức (đài tự chạy khi bật máy) chưa có trong phiên bản này.' \
        'Bây giờ hãy chạy thử:  ./install.sh --try'
      exit 2
      ;;
    *)
      usage >&2
      exit 2
      ;;
  esac
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then main "$@"; fi
