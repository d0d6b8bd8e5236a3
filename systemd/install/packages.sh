# The machine and its packages: what it is, what it lacks, apt.
# shellcheck shell=bash

# util-linux has prlimit, ionice, setpriv, choom, chrt and unshare, which confine every child.
readonly STATION_PACKAGES=(age ca-certificates espeak-ng ffmpeg libvlc5 python3 python3-venv util-linux vlc-plugin-base)
# HTTPS in front of the page, with openssl for its certificate, and its name on the local network.
readonly SERVICE_PACKAGES=(avahi-daemon nginx-light openssl)

on_a_pi() { grep -qs 'Raspberry Pi' /proc/device-tree/model; }

require_debian() {
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    fail 'máy này không dùng apt. Loa xã chạy trên Raspberry Pi OS hoặc Debian, từ bản 12 (bookworm).'
  fi
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

readonly VERSION_ROOM=250 PACKAGES_ROOM=1200 # MB, with what is fetched; somewhat more than was measured

# room_for PACKAGE…: in MB, for a version and for packages if any is missing.
room_for() { say $((VERSION_ROOM + ($(missing_of "$@" | wc -l) ? PACKAGES_ROOM : 0))); }

# require_room MB: before anything is begun that a full card would end.
require_room() {
  local free
  free=$(df --output=avail -m / | tail -n 1)
  ((free >= $1)) || fail "thẻ nhớ còn $((free)) MB trống, cần $1 MB. Xóa bớt, hoặc dùng thẻ lớn hơn, rồi chạy lại; chưa có gì thay đổi."
}

installed() { [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

missing_of() {
  local package
  for package in "$@"; do installed "$package" || printf '%s\n' "$package"; done
}

install_missing() {
  local missing
  if ((EUID == 0)) && [[ -n $(dpkg --audit) ]]; then # an earlier run was ended while dpkg worked
    say '• Làm nốt lần cài gói dở dang'
    watched apt_progress dpkg --configure -a || true
  fi
  mapfile -t missing < <(missing_of "$@")
  if ((${#missing[@]} == 0)); then return; fi
  say "• Cài các gói hệ thống còn thiếu: ${missing[*]}"
  if ((EUID != 0)); then as_root true; fi # asks for the password before its question would end in the log
  { apt update && apt install -y --no-install-recommends "${missing[@]}"; } ||
    fail "chưa cài được các gói hệ thống. Kiểm tra mạng rồi chạy lại; chi tiết ở $LOG."
}

# Where apt has its packages from: nothing said is as the machine is set up.
APT_SOURCE=()

# Status-Fd gives percentages. The lock is waited for: a fresh Pi updates itself in the background. A file of settings
# that was changed on this machine stays as it is.
apt() {
  watched apt_progress as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -o APT::Status-Fd=1 -o DPkg::Lock::Timeout=300 -o DPkg::Options::=--force-confold "${APT_SOURCE[@]}" "$@"
}

# The library of a real Pi's pins: Raspberry Pi OS has it as a package, for each Python that it has. A fresh one does not
# know yet what it has.
pins_package() {
  on_a_pi || return 0
  known_to_apt python3-lgpio || apt update || true
  if known_to_apt python3-lgpio; then say python3-lgpio; fi
}

known_to_apt() { apt-cache "${APT_SOURCE[@]}" show "$1" >/dev/null 2>&1; }
