# What the station puts into the operating system, and takes out again: the account, files, units, name, HTTPS.
# shellcheck shell=bash

# Each file of systemd/ that is copied, where to, and what has to take it up. A file that a version does not have is taken away.
readonly SYSTEM_FILES=(
  'station.sysusers /etc/sysusers.d/loa-xa.conf                  account'
  'journald.conf    /etc/systemd/journald.conf.d/50-loa-xa.conf  journal'
  'timesyncd.conf   /etc/systemd/timesyncd.conf.d/50-loa-xa.conf time'
  'watchdog.conf    /etc/systemd/system.conf.d/50-loa-xa.conf    manager'
  'stick.rules      /etc/udev/rules.d/90-loa-xa-stick.rules      devices'
  'clock.rules      /etc/udev/rules.d/90-loa-xa-clock.rules      devices'
  'avahi-http.xml   /etc/avahi/services/loa-xa.service           name'
  'nginx.conf       /etc/nginx/sites-available/loa-xa            https'
  'command          /usr/local/bin/station                       nothing'
)
readonly UNITS=/etc/systemd/system
readonly WANTED=(station.service station-web.service) # what is well when a version is well
readonly NGINX_SITE=/etc/nginx/sites-enabled/loa-xa
readonly NGINX_DEFAULT=/etc/nginx/sites-enabled/default
readonly AVAHI=/etc/avahi/avahi-daemon.conf
readonly LOCAL_NAME=truyenthanh
readonly KERNEL_WORDS=/boot/firmware/cmdline.txt

require_systemd() {
  [[ -d /run/systemd/system ]] || fail 'máy này không chạy systemd, nên đài không tự chạy được khi bật máy.'
}

make_account() {
  put_file "$CHECKOUT/systemd/station.sysusers" /etc/sysusers.d/loa-xa.conf || true
  logged systemd-sysusers /etc/sysusers.d/loa-xa.conf || fail "chưa tạo được tài khoản station; chi tiết ở $LOG."
  install -d -o station -g station -m 0750 "$STATION_DATA"
}

# put_system_files: those of the version that `current` names. Only what changed is taken up anew.
put_system_files() {
  local row source destination by changed=()
  for row in "${SYSTEM_FILES[@]}"; do
    read -r source destination by <<<"$row"
    if put_file "$CURRENT/systemd/$source" "$destination"; then changed+=("$by"); fi
  done
  link_units
  for by in "${changed[@]}"; do take_up "$by"; done
}

# put_file SOURCE DESTINATION: succeeds when that changed anything. Whole or not at all, whenever the power goes.
put_file() {
  local source=$1 destination=$2 mode=644
  if [[ ! -f $source ]]; then
    [[ -e $destination ]] && rm -f "$destination"
    return
  fi
  if cmp -s "$source" "$destination"; then return 1; fi
  if [[ -x $source ]]; then mode=755; fi
  mkdir -p "$(dirname "$destination")"
  install -m "$mode" "$source" "$destination.loa-xa-new"
  mv -f "$destination.loa-xa-new" "$destination"
}

# units_of FOLDER: the units of the station itself; those of the province's server and of satellites are for other machines.
units_of() {
  find "$1/systemd/" -maxdepth 1 -name 'station*' -printf '%f\n' |
    grep -E '\.(service|socket|path|timer|slice|target|mount)$' | grep -v -e '^station-province-' -e '^station-satellite'
}

# Units are links through `current`, so that they switch with it. Links of an older version that lead nowhere go.
link_units() {
  local unit by
  drop_links dead
  while read -r unit; do
    ln -sfn "$CURRENT/systemd/$unit" "$UNITS/$unit"
    while read -r by; do
      mkdir -p "$UNITS/$by.wants"
      ln -sfn "$CURRENT/systemd/$unit" "$UNITS/$by.wants/$unit"
    done < <(sed -n 's/^WantedBy=//p' "$CURRENT/systemd/$unit" | tr ' ' '\n')
  done < <(units_of "$CURRENT")
  logged systemctl daemon-reload
}

# drop_links dead|all: of our links in systemd's folder.
drop_links() {
  local link
  while IFS= read -r -d '' link; do
    if [[ $1 == all || ! -e $link ]]; then rm -f "$link"; fi
  done < <(find "$UNITS" -type l -lname "$CURRENT/*" -print0)
}

take_up() {
  case $1 in
    account) logged systemd-sysusers ;;
    journal) logged systemctl restart systemd-journald ;;
    time) logged systemctl try-restart systemd-timesyncd ;;
    manager) logged systemctl daemon-reexec ;;
    devices) logged udevadm control --reload && logged udevadm trigger --subsystem-match=rtc ;;
    name | https | nothing) ;; # those are begun by themselves, below
  esac || true
}

# Sockets, paths and timers that a version brings begin at once, as they would at the next start of the machine.
start_helpers() {
  local unit
  while read -r unit; do
    case $unit in
      *.path | *.socket | *.timer) logged systemctl restart "$unit" || say "  Lưu ý: $unit chưa chạy được; chi tiết ở $LOG." ;;
    esac
  done < <(units_of "$CURRENT")
}

# ── Its name on the network, and HTTPS: the page is there without them too, by its number and port ────────────────

open_to_the_network() {
  give_name
  serve_https
}

# http://truyenthanh.local, while the machine keeps its own name. A name that somebody else chose stays.
give_name() {
  [[ -f $AVAHI ]] || return 0
  if ! grep -q '^host-name=' "$AVAHI"; then
    sed -i "s/^\[server\]$/[server]\nhost-name=$LOCAL_NAME/" "$AVAHI"
  fi
  logged systemctl restart avahi-daemon ||
    say "  Lưu ý: tên $LOCAL_NAME.local chưa dùng được; trang vẫn mở được bằng địa chỉ số. Chi tiết ở $LOG."
}

serve_https() {
  [[ -d /etc/nginx/sites-enabled ]] || return 0
  if [[ ! -f $STATION_DATA/tls/station.crt ]]; then
    as_station_of "$CURRENT" -m station certificate || return 0
  fi
  ln -sfn /etc/nginx/sites-available/loa-xa "$NGINX_SITE"
  if [[ $(readlink "$NGINX_DEFAULT") == */sites-available/default ]]; then rm -f "$NGINX_DEFAULT"; fi # nginx's own greeting
  if ! { logged nginx -t && logged systemctl enable nginx && logged systemctl reload-or-restart nginx; }; then
    say "  Lưu ý: chưa mở được cổng 80 và 443; trang vẫn mở được ở cổng 8080. Chi tiết ở $LOG."
  fi
}

# ── Memory limits on a Raspberry Pi, whose firmware leaves them out ──────────────────────────────────────────────

enable_memory_limits() {
  if ! on_a_pi || [[ ! -f $KERNEL_WORDS ]] || grep -qw 'cgroup_enable=memory' "$KERNEL_WORDS"; then return; fi
  cp -n "$KERNEL_WORDS" "$KERNEL_WORDS.truoc-loa-xa"
  sed '1s/[[:space:]]*$/ cgroup_enable=memory/' "$KERNEL_WORDS" >"$KERNEL_WORDS.moi"
  sync -f "$KERNEL_WORDS.moi"
  mv -f "$KERNEL_WORDS.moi" "$KERNEL_WORDS"
  sync -f "$KERNEL_WORDS"
  say '• Giới hạn bộ nhớ có hiệu lực từ lần khởi động sau của máy'
}

# ── Out again ────────────────────────────────────────────────────────────────────────────────────────────────────

# What is the operating system's stays as it was found; what the station keeps in its home stays too.
remove_system_files() {
  local row destination by
  for row in "${SYSTEM_FILES[@]}"; do
    read -r _ destination by <<<"$row"
    rm -f "$destination" "$destination.loa-xa-new"
  done
  drop_links all
  rm -f "$NGINX_SITE"
  if [[ -f /etc/nginx/sites-available/default && ! -e $NGINX_DEFAULT ]]; then
    ln -s /etc/nginx/sites-available/default "$NGINX_DEFAULT"
  fi
  if [[ -f $AVAHI ]]; then sed -i "/^host-name=$LOCAL_NAME$/d" "$AVAHI"; fi
  if [[ -f $KERNEL_WORDS.truoc-loa-xa ]]; then
    sed -i 's/ cgroup_enable=memory$//' "$KERNEL_WORDS"
    rm -f "$KERNEL_WORDS.truoc-loa-xa"
  fi
  logged systemctl daemon-reload
  for by in journal time manager devices; do take_up "$by"; done
  logged systemctl try-restart avahi-daemon || true
  logged systemctl try-reload-or-restart nginx || true
}
