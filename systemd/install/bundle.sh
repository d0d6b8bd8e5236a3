# A bundle: one tar file from which a machine of the same kind is installed without any network.
#
#   loa-xa/            a version's tree, with this way in
#   loa-xa/bundle/kind      for which machines: system, architecture, Python
#   loa-xa/bundle/wheels/   Python's libraries      loa-xa/bundle/debs/   the system's packages, and their index
#   loa-xa/SHA256SUMS  of every other file
# shellcheck shell=bash

readonly NOTE=bundle/kind

# The folder of what a bundle brings, if this tree was unpacked from one.
BUNDLED=''
if [[ -f $CHECKOUT/$NOTE ]]; then BUNDLED=$CHECKOUT/bundle; fi

kind_of_machine() {
  local system
  # shellcheck source=/dev/null
  system=$(. /etc/os-release && say "$ID ${VERSION_CODENAME-}")
  if [[ -f /etc/rpi-issue ]]; then system+=' Raspberry Pi OS'; fi
  say "$system, $(dpkg --print-architecture), Python $(python_version)"
}

# ── Making one ───────────────────────────────────────────────────────────────────────────────────────────────────

make_bundle() {
  local file folder packages
  file=$(realpath -m "$1")
  [[ -d $(dirname "$file") ]] || fail "không có thư mục $(dirname "$file")."
  [[ -z $BUNDLED ]] || fail 'thư mục này là từ một gói ngoại tuyến; hãy dùng chính tệp ấy.'
  install_missing python3 python3-venv
  require_python
  folder=$(mktemp -d "${TMPDIR:-/var/tmp}/loa-xa-bundle.XXXXXX")
  # shellcheck disable=SC2064 # the folder of now
  trap "rm -rf '$folder'" EXIT
  say '• Chép chương trình'
  copy_tree "$CHECKOUT" "$folder/loa-xa"
  mkdir -p "$folder/loa-xa/bundle/wheels" "$folder/loa-xa/bundle/debs"
  kind_of_machine >"$folder/loa-xa/$NOTE"
  bundle_wheels "$folder/loa-xa"
  bundle_debs "$folder/loa-xa/bundle/debs"
  seal_bundle "$folder/loa-xa"
  say "• Ghi $file"
  tar -C "$folder" --owner=0 --group=0 --sort=name -cf "$file.moi" loa-xa || fail "chưa ghi được $file."
  sync -f "$file.moi"
  mv -f "$file.moi" "$file"
  say "Xong: $file ($(du -h "$file" | cut -f1)), cho máy loại: $(kind_of_machine)." \
    'Chép tệp ấy sang máy không có mạng, rồi chạy:' \
    "   tar -xf $(basename "$file")" \
    '   sudo ./loa-xa/install.sh'
}

bundle_wheels() {
  local folder=$1 wheels=$1/bundle/wheels
  say '• Tải các thư viện Python'
  new_venv "$folder/.venv" # it has the pip that fetches, and stays behind
  fetch_wheels "$folder" "$wheels" || fail "chưa tải được thư viện Python; chi tiết ở $LOG."
  fetch_lgpio "$folder" "$wheels" || true # there is none for this Python: python3-lgpio then
  rm -rf "$folder/.venv"
}

# All that a system with nothing on it would need: what the other machine has already, apt leaves alone there.
bundle_debs() {
  local debs=$1 pins
  say '• Tải các gói hệ thống'
  apt update || fail "chưa tải được danh sách gói; chi tiết ở $LOG."
  mapfile -t pins < <(pins_package)
  mkdir -p "$debs/partial"
  : >"$debs/none-installed"
  apt install -y --no-install-recommends --download-only -o Dir::State::status="$debs/none-installed" \
    -o Dir::Cache::archives="$debs" -o APT::Sandbox::User=root "${STATION_PACKAGES[@]}" "${SERVICE_PACKAGES[@]}" \
    "${pins[@]}" || fail "chưa tải được các gói hệ thống; chi tiết ở $LOG."
  rm -rf "$debs/partial" "$debs/none-installed" "$debs/lock"
  index_debs "$debs"
}

# The index by which apt reads a folder of packages: what each says of itself, where it is, and its digest.
index_debs() {
  local deb
  for deb in "$1"/*.deb; do
    dpkg-deb --field "$deb"
    say "Filename: ./$(basename "$deb")" "Size: $(stat -c %s "$deb")" "SHA256: $(sha256sum <"$deb" | cut -d ' ' -f 1)" ''
  done >"$1/Packages"
}

seal_bundle() {
  (cd "$1" && find . -type f ! -name SHA256SUMS -print0 | LC_ALL=C sort -z | xargs -0 sha256sum >SHA256SUMS)
}

# ── Installing from one ──────────────────────────────────────────────────────────────────────────────────────────

# install_from FILE: unpacks a bundle and goes on by the way in that it holds.
install_from() {
  local file=$1 folder status=0
  [[ -f $file ]] || fail "không có tệp $file."
  folder=$(mktemp -d /var/tmp/loa-xa-bundle.XXXXXX)
  # shellcheck disable=SC2064 # the folder of now
  trap "rm -rf '$folder'" EXIT
  say "• Mở gói $file"
  tar -C "$folder" --no-same-owner -xf "$file" 2>>"$LOG" || fail "tệp $file hỏng hoặc không phải là gói ngoại tuyến. Chép lại từ máy đã làm ra nó."
  [[ -f $folder/loa-xa/$NOTE ]] || fail "tệp $file không phải là gói ngoại tuyến của Loa xã."
  "$folder/loa-xa/install.sh" || status=$?
  exit "$status"
}

# Refuses what was damaged on the way, and what was made for other machines.
check_bundle() {
  local kind
  kind=$(<"$BUNDLED/kind")
  if [[ $kind != "$(kind_of_machine)" ]]; then
    fail "gói này làm cho máy loại $kind; máy này là $(kind_of_machine). Hãy làm gói trên một máy cùng loại: sudo ./install.sh --bundle TỆP."
  fi
  say '• Kiểm tra gói'
  (cd "$CHECKOUT" && logged sha256sum --quiet --strict --check SHA256SUMS) ||
    fail "gói bị hỏng trên đường chép; chưa có gì thay đổi. Chép lại rồi chạy lại; chi tiết ở $LOG."
}

# use_bundle FOLDER: from now on apt knows the bundle's packages alone. FOLDER is for its notes; they speak of no path with
# spaces, which apt could not read.
use_bundle() {
  local apt=$1
  rm -rf "$apt"
  mkdir -p "$apt/lists/partial"
  ln -s "$BUNDLED/debs" "$apt/debs"
  say "deb [trusted=yes] file:$apt/debs ./" >"$apt/sources.list"
  APT_SOURCE=(-o "Dir::Etc::sourcelist=$apt/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$apt/lists"
    -o APT::Sandbox::User=root)
}
