#!/usr/bin/env bash
# Installs Loa xã on Raspberry Pi OS or Debian. This is the way in; the steps are in systemd/install/:
#   words.sh        what is said, the log          version.sh   a version below /opt/station, whole or not there
#   packages.sh     the machine, apt               system.sh    files, units, account, name and HTTPS of the system
#   environment.sh  Python environments            switch.sh    to a version, whether it is well, and back
#   practice.sh     --try                          bundle.sh    --bundle and --offline
# tests/run sources this file, so that packages and environment are made in one way only.
set -euo pipefail

CHECKOUT=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly CHECKOUT
LOG=$CHECKOUT/var/install.log

# shellcheck source=systemd/install/words.sh
source "$CHECKOUT/systemd/install/words.sh"
# shellcheck source=systemd/install/packages.sh
source "$CHECKOUT/systemd/install/packages.sh"
# shellcheck source=systemd/install/environment.sh
source "$CHECKOUT/systemd/install/environment.sh"
# shellcheck source=systemd/install/practice.sh
source "$CHECKOUT/systemd/install/practice.sh"
# shellcheck source=systemd/install/version.sh
source "$CHECKOUT/systemd/install/version.sh"
# shellcheck source=systemd/install/system.sh
source "$CHECKOUT/systemd/install/system.sh"
# shellcheck source=systemd/install/switch.sh
source "$CHECKOUT/systemd/install/switch.sh"
# shellcheck source=systemd/install/bundle.sh
source "$CHECKOUT/systemd/install/bundle.sh"

usage() {
  cat <<'WORDS'
Loa xã: đài truyền thanh xã trên Raspberry Pi.

  sudo ./install.sh                 cài phiên bản này, hoặc nâng cấp lên nó; chạy lại bao nhiêu lần cũng được
  sudo ./install.sh --offline TỆP   cài từ một gói ngoại tuyến, không cần mạng
  sudo ./install.sh --bundle TỆP    làm gói ngoại tuyến cho những máy cùng loại với máy này
  sudo ./install.sh --uninstall     gỡ chương trình; dữ liệu của đài ở lại
  ./install.sh --try                chạy thử một trạm tập ngay trong thư mục này: tăng âm mô phỏng,
                                    phát được vào bất cứ giờ nào
  ./install.sh --help               xem hướng dẫn này

Kết thúc với mã 0: phiên bản này đang chạy tốt; 3: nó không chạy được, phiên bản trước đã chạy lại; 1: chưa xong.
WORDS
}

# ── What all but --try need ──────────────────────────────────────────────────────────────────────────────────────

begin_as_root() {
  ((EUID == 0)) || fail "cần quyền quản trị. Hãy chạy: sudo ./install.sh ${*:-}"
  require_debian
  umask 022
  LOG=/var/log/loa-xa-install.log
  if [[ $(stat -c %s "$LOG" 2>/dev/null) -gt 1000000 ]]; then rm -f "$LOG"; fi
  printf '\n── %(%F %T)T install.sh %s\n' -1 "$*" >>"$LOG"
}

one_at_a_time() {
  exec 9>/run/loa-xa-install.lock
  flock -n 9 || fail 'một lần cài khác đang chạy trên máy này. Chờ nó xong rồi chạy lại.'
}

# ── The ways ─────────────────────────────────────────────────────────────────────────────────────────────────────

# Every step finds out what is done already, so a run that was ended goes on where it was.
install_station() {
  local name pins
  begin_as_root
  trap tell_unforeseen_end EXIT
  require_systemd
  one_at_a_time
  name=$(name_of_version "$CHECKOUT")
  say "Loa xã: cài phiên bản $name. Lần đầu mất vài phút; đừng tắt máy."
  if [[ -n $BUNDLED ]]; then
    check_bundle
    use_bundle "$FETCHED/apt"
  fi
  mapfile -t pins < <(pins_package)
  require_room "$(room_for "${STATION_PACKAGES[@]}" "${SERVICE_PACKAGES[@]}")"
  install_missing "${STATION_PACKAGES[@]}" "${SERVICE_PACKAGES[@]}" "${pins[@]}"
  require_python
  make_account
  make_version "$name"
  if [[ $(named_by "$CURRENT") == "$name" && ! -f $TRIAL ]]; then
    keep_running
  else
    switch_to "$name"
  fi
  open_to_the_network
  enable_memory_limits
  remove_old_versions
  say '' "Xong: phiên bản $name đang chạy." ''
  /usr/local/bin/station welcome
}

uninstall() {
  begin_as_root --uninstall
  require_systemd
  one_at_a_time
  say '• Dừng đài, tắt tăng âm'
  logged systemctl stop 'station*' || true
  if [[ -e $CURRENT ]]; then amplifiers_off "$(readlink -f "$CURRENT")"; fi
  say '• Gỡ chương trình và những gì đã đặt vào hệ thống'
  remove_system_files
  rm -rf "$PROGRAM" "$FETCHED" /run/station /var/lib/station-update /etc/loa-xa
  say '' "Đã gỡ. Dữ liệu của đài (bản tin, lịch, nhật ký, cấu hình) còn ở $STATION_DATA; cài lại thì dùng tiếp." \
    'Các gói hệ thống và tài khoản station ở lại.'
}

main() {
  case ${1-} in
    '') install_station ;;
    --try) try ;;
    --offline)
      [[ -n ${2-} ]] || fail 'hãy cho biết tệp: sudo ./install.sh --offline TỆP'
      begin_as_root "$@"
      install_from "$2"
      ;;
    --bundle)
      [[ -n ${2-} ]] || fail 'hãy cho biết tệp: sudo ./install.sh --bundle TỆP'
      begin_as_root "$@"
      make_bundle "$2"
      ;;
    --uninstall) uninstall ;;
    --settle) # station-settle.service: after a start of the machine in the middle of a switch
      begin_as_root "$@"
      one_at_a_time
      settle
      ;;
    --help) usage ;;
    *)
      usage >&2
      exit 2
      ;;
  esac
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then main "$@"; fi
