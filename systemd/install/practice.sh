# A practice station in this checkout: `./install.sh --try`.
# shellcheck shell=bash

readonly VENV=$CHECKOUT/.venv
readonly STATION=$VENV/bin/station
readonly PRACTICE=$CHECKOUT/var/tap
readonly FIRST_PORT=8080
readonly PATIENCE_S=60 # for a slow card; a fast one needs two
readonly GRACE_S=15    # the player fades out, switches off and closes its log

player='' page='' port=''

try() {
  local pins
  step_down_from_sudo --try
  require_debian
  require_own_checkout
  say 'Loa xã: chuẩn bị trạm tập. Lần đầu mất vài phút, những lần sau vài giây.'
  mapfile -t pins < <(pins_package)
  install_missing "${STATION_PACKAGES[@]}" "${pins[@]}"
  make_environment "$CHECKOUT" requirements.txt
  prepare_practice
  start_practice
  welcome
  wait_for_an_end
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
  wait_until_answers "$page" page_answers_at "$port"
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
