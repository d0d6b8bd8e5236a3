# From one version to another: when it is calm, at once, looked at, and back again when the new one is not well.
# shellcheck shell=bash

readonly WELL_WITHIN_S=240 # a small Pi with a slow card takes a minute; what falls over is seen sooner
readonly WELL_FOR_S=10     # what falls over does so soon
readonly TRIES_AT_MOST=5   # of systemd, to start what ends by itself
readonly PAGE_PORT=8080

# switch_to NAME: succeeds when it runs and is well. Exit status 3: the version before runs again; 1: nothing does.
switch_to() {
  local name=$1 before
  before=$(named_by "$CURRENT")
  trap '' HUP # a lost terminal must not leave this half done
  wait_for_calm
  if [[ -n $before && $before != "$name" ]]; then
    say "• Chuyển từ phiên bản $before sang $name"
    [[ -f $TRIAL ]] || point "$PREVIOUS" "$before" # one that was never found well is nothing to return to
  fi
  begin_trial "$name"
  point "$CURRENT" "$name"
  put_system_files
  start_station
  if is_well; then
    end_trial
    return
  fi
  tell_why
  give_back
}

# The version that runs already: what is missing around it is mended, and a broadcast goes on.
keep_running() {
  ended=''
  put_system_files
  logged systemctl start --no-block "${WANTED[@]}" || true
  start_helpers
  if is_well; then return; fi
  wait_for_calm
  start_station
  if is_well; then return; fi
  tell_why
  fail 'máy phát hay trang không trả lời. Máy vẫn tự thử khởi động lại; xem lý do ở trên.'
}

begin_trial() {
  say "$1" >"$TRIAL.new"
  mv -f "$TRIAL.new" "$TRIAL"
  sync -f "$PROGRAM"
}

end_trial() {
  rm -f "$TRIAL"
  sync -f "$PROGRAM"
}

# Never in a broadcast, nor shortly before one. A version that cannot tell is not asked.
wait_for_calm() {
  local now
  now=$(readlink -f "$CURRENT") || return 0
  systemctl -q is-active station.service || return 0
  as_station_of "$now" -c 'import station.care.calm' || return 0
  (cd / && runuser -u station -- env STATION_HOME="$STATION_DATA" RUNTIME_DIRECTORY=/run/station \
    "$now/.venv/bin/python" -m station.care.calm --wait) || fail 'đài đang phát nên chưa đổi phiên bản. Hãy chạy lại sau.'
}

ended='' # the processes that are to be replaced

# systemd replaces them by itself, whatever becomes of this script.
start_station() {
  say '• Khởi động máy phát và trang điều khiển'
  ended=" $(main_processes | tr '\n' ' ')"
  logged systemctl reset-failed "${WANTED[@]}" || true
  logged systemctl restart --no-block "${WANTED[@]}" || true # what is wrong is seen below
  start_helpers
}

main_processes() { systemctl show -P MainPID "${WANTED[@]}" | sed '/^0\?$/d'; }

# Whether player and page come up, and stay.
is_well() {
  local deadline=$((SECONDS + WELL_WITHIN_S)) since=0
  say '• Chờ máy phát và trang trả lời'
  while ((SECONDS < deadline)); do
    if gave_up; then return 1; fi
    if answers; then
      ((since)) || since=$SECONDS
      if ((SECONDS - since >= WELL_FOR_S)); then return 0; fi
    else
      since=0
    fi
    sleep 1
  done
  return 1
}

answers() {
  all_active && all_new &&
    as_station_of "$CURRENT" -m station status --json &&
    page_answers_at "$PAGE_PORT" 2>/dev/null
}

all_active() {
  local unit
  for unit in "${WANTED[@]}"; do systemctl -q is-active "$unit" || return 1; done
}

all_new() {
  local process
  for process in $(main_processes); do
    if [[ $ended == *" $process "* ]]; then return 1; fi
  done
}

gave_up() {
  local unit
  for unit in "${WANTED[@]}"; do
    if (($(systemctl show -P NRestarts "$unit") >= TRIES_AT_MOST)); then return 0; fi
  done
  return 1
}

tell_why() {
  say "Phiên bản $(named_by "$CURRENT") không chạy được. Cuối nhật ký của nó:" >&2
  journalctl --no-pager -q -n 20 -o cat -u station.service -u station-web.service >&2 || true
}

# Back to the version that was well: amplifiers off first, since what switched them may be broken.
give_back() {
  local back
  back=$(named_by "$PREVIOUS")
  if [[ $back == "$(named_by "$CURRENT")" ]] || ! is_whole "$back"; then
    fail 'chưa có phiên bản nào trước đó để quay về. Máy vẫn tự thử khởi động lại; xem lý do ở trên rồi chạy lại.'
  fi
  say "• Quay về phiên bản $back"
  logged systemctl stop "${WANTED[@]}" || true
  amplifiers_off "$VERSIONS/$back"
  point "$CURRENT" "$back"
  put_system_files
  start_station
  if is_well; then
    end_trial
    open_to_the_network
    remove_old_versions
    say '' "Phiên bản mới không chạy được nên đài đã quay về phiên bản $back, và đang chạy." >&2
    exit 3
  fi
  end_trial
  tell_why
  fail 'cả phiên bản cũ cũng không trả lời. Máy vẫn tự thử khởi động lại; gọi kỹ thuật.'
}

amplifiers_off() {
  as_station_of "$1" -m station.air.off || say "  Lưu ý: chưa chắc mọi tăng âm đã tắt; hãy nhìn đèn tăng âm. Chi tiết ở $LOG." >&2
}

# What the machine's start does when a trial was cut short: the version is well, or it goes.
settle() {
  [[ -f $TRIAL ]] || return 0
  if [[ $(<"$TRIAL") != "$(named_by "$CURRENT")" ]]; then # cut short before the switch
    end_trial
    return
  fi
  put_system_files # it may have been cut short before that
  if is_well; then
    end_trial
    return
  fi
  tell_why
  give_back
}
