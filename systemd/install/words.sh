# What is said while it works: sentences, a line of progress, and everything else in the log.
# shellcheck shell=bash

say() { printf '%s\n' "$@"; } # each argument is a line

told_why='' # whether the reason of an end was said

fail() {
  printf 'Không xong: %s\n' "$*" >&2
  told_why=yes
  exit 1
}

# For the end of a step that nobody foresaw: nothing ends without a word.
tell_unforeseen_end() {
  local status=$?
  if ((status != 0 && status != 3)) && [[ -z $told_why ]]; then
    printf 'Không xong: một bước dừng ngoài dự kiến (mã %d). Chạy lại; nếu vẫn vậy, gửi tệp %s cho kỹ thuật.\n' "$status" "$LOG" >&2
  fi
}

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

logged() { "$@" >>"$LOG" 2>&1 </dev/null; }

show_progress() { if [[ -t 1 ]]; then printf '\r\e[K%s' "$1"; fi; }

apt_progress() {
  if [[ $1 =~ ^dlstatus:[^:]*:([0-9]+) ]]; then show_progress "   tải về ${BASH_REMATCH[1]} %"; fi
  if [[ $1 =~ ^pmstatus:[^:]*:([0-9]+) ]]; then show_progress "   cài đặt ${BASH_REMATCH[1]} %"; fi
}

pip_progress() {
  if [[ $1 =~ ^Collecting\ ([^=\ ]+) ]]; then show_progress "   tải về ${BASH_REMATCH[1]}"; fi
  if [[ $1 == 'Installing collected'* ]]; then show_progress '   cài đặt'; fi
}

# page_answers_at PORT: whether the page of this machine answers there.
page_answers_at() (
  exec 3<>"/dev/tcp/127.0.0.1/$1"
  printf 'GET / HTTP/1.0\r\n\r\n' >&3
  read -r -t 5 answer <&3 && [[ $answer == HTTP/1.* ]]
)
