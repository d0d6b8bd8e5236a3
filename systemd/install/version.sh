# A version of the station below /opt/station/versions: this tree and its own environment, whole or not there.
# shellcheck shell=bash

readonly PROGRAM=/opt/station
readonly VERSIONS=$PROGRAM/versions
readonly CURRENT=$PROGRAM/current   # the version that runs
readonly PREVIOUS=$PROGRAM/previous # where to return to
readonly TRIAL=$PROGRAM/trial       # names the version that was switched to and has not been found well yet
readonly STATION_DATA=/var/lib/station
readonly FETCHED=/var/cache/loa-xa   # what pip and apt fetched
readonly FETCHED_AT_MOST=100         # MB

# What runs; tests and drawings stay behind.
readonly TREE=(CHANGELOG.md LICENSE README.md docs/so-tay install.sh pyproject.toml requirements.txt schedules station
  systemd web)

# tree_of FOLDER: its files that belong to a version, each ended by a zero byte.
tree_of() {
  (cd "$1" && find "${TREE[@]}" -type f ! -path '*/__pycache__/*' ! -path '*.egg-info/*' ! -name '*.last-good' \
    ! -name '*.removed' -print0 | LC_ALL=C sort -z)
}

# name_of_version FOLDER: VERSION-DIGEST8. Another tree has another name, and the same tree always the same.
name_of_version() {
  local version digest
  version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$1/pyproject.toml" | head -n 1)
  digest=$(cd "$1" && tree_of . | xargs -0 sha256sum | sha256sum)
  say "$version-${digest:0:8}"
}

named_by() { basename "$(readlink "$1" 2>/dev/null)"; } # the version that a link names, or nothing

is_whole() { [[ -n $1 && -f $VERSIONS/$1/.whole ]]; }

# point LINK VERSION: at once, so that there is always one.
point() {
  ln -sfn "versions/$2" "$1.new"
  mv -T "$1.new" "$1"
  sync -f "$PROGRAM"
}

# copy_tree FROM TO: for everybody to read and for root alone to change.
copy_tree() {
  mkdir -p "$2"
  tree_of "$1" | tar -C "$1" --null --files-from=- --owner=0 --group=0 --numeric-owner --mode='u+rw,go+r,go-w' -cf - |
    tar -C "$2" -xf - --no-same-owner
  chmod 755 "$2/install.sh"
}

# make_version NAME: what an ended run left half made is begun anew, from what it had fetched.
make_version() {
  local name=$1 folder=$VERSIONS/$1
  if is_whole "$name"; then return; fi
  say "• Chép phiên bản $name vào $folder"
  rm -rf "$folder"
  copy_tree "$CHECKOUT" "$folder" || fail "chưa chép được chương trình vào $folder. Thẻ nhớ còn chỗ không?"
  borrow_libraries "$folder" || new_venv "$folder/.venv"
  choose_pip_source
  make_environment "$folder" requirements.txt
  add_lgpio "$folder"
  logged "$folder/.venv/bin/python" -m compileall -q "$folder/station" "$folder/web" || true # root's folder is not written at run time
  starts "$folder" || fail "phiên bản $name không khởi động được trên máy này; chi tiết ở $LOG."
  sync -f "$folder"
  say "$name" >"$folder/.whole"
  sync -f "$folder"
}

# borrow_libraries FOLDER: where the version that runs has the very same ones, their files are the same files (hard links):
# nothing is fetched, and a card is spared 150 MB. pip never changes a file, it puts another one in its place.
borrow_libraries() {
  local lender venv=$1/.venv
  lender=$(readlink -e "$CURRENT") || return 1
  if ! cmp -s "$lender/requirements.txt" "$1/requirements.txt" || ! fresh_venv "$lender/.venv"; then return 1; fi
  new_venv "$venv" --without-pip
  cp -al "$lender/.venv/lib/." "$venv/lib/" || fail "chưa chép được chương trình vào $1. Thẻ nhớ còn chỗ không?"
  printf '#!%s/bin/python\nimport runpy\n\nrunpy.run_module("pip", run_name="__main__")\n' "$venv" >"$venv/bin/pip"
  chmod 755 "$venv/bin/pip"
}

# Python's libraries come from the bundle alone, or over the network by a cache: a run that is ended, and the next version,
# fetch only what is not there yet.
choose_pip_source() {
  if [[ -n $BUNDLED ]]; then
    PIP_SOURCE=(--no-index --find-links "$BUNDLED/wheels")
  else
    PIP_SOURCE=(--cache-dir "$FETCHED/pip")
  fi
}

# The library of the pins, on a machine that has pins and none from its system.
add_lgpio() {
  local folder=$1
  if [[ -z $(compgen -G '/dev/gpiochip*') ]] || installed python3-lgpio; then return; fi
  pip "$folder" install --require-hashes --no-deps --only-binary :all: --requirement "$folder/$LGPIO_PINS" 2>/dev/null ||
    say "  Lưu ý: máy có chân GPIO, nhưng không có thư viện lgpio cho Python $(python_version), nên chưa bật được tăng âm." \
      '  Những việc khác vẫn chạy. Hãy dùng Raspberry Pi OS, có sẵn gói python3-lgpio.'
}

# Whether player and page of a version can be loaded by the account that will run them.
starts() {
  as_station_of "$1" -c 'import station.cli, station.service, web.app'
}

# as_station_of FOLDER ARGUMENT…: the Python of a version, as the station's account, in the station's places.
as_station_of() {
  (cd / && logged runuser -u station -- env STATION_HOME="$STATION_DATA" RUNTIME_DIRECTORY=/run/station \
    PYTHONDONTWRITEBYTECODE=1 "$1/.venv/bin/python" "${@:2}")
}

# Older versions than the one that runs and the one to return to, and what never was finished.
remove_old_versions() {
  local folder name
  for folder in "$VERSIONS"/*/; do
    name=$(basename "$folder")
    if [[ $name == "$(named_by "$CURRENT")" || $name == "$(named_by "$PREVIOUS")" ]]; then continue; fi
    say "• Xóa phiên bản cũ $name"
    rm -f "$folder/.whole"
    rm -rf "$folder"
  done
  rm -rf "$FETCHED/apt"
  if [[ -d $FETCHED && $(du -sm "$FETCHED" | cut -f 1) -gt $FETCHED_AT_MOST ]]; then rm -rf "$FETCHED"; fi
}
