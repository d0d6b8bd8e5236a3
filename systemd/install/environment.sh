# A Python environment: FOLDER/.venv, with exactly what a file of pins and hashes names.
# shellcheck shell=bash

readonly SYSTEM_PYTHON=/usr/bin/python3 # another python3 on PATH would not see python3-lgpio
readonly LGPIO_PINS=systemd/install/lgpio.txt

require_python() {
  "$SYSTEM_PYTHON" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' ||
    fail "cần Python từ 3.11 đến 3.13, máy này có $("$SYSTEM_PYTHON" -V). Hãy dùng Raspberry Pi OS hoặc Debian từ bản 12."
}

python_version() { "$SYSTEM_PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])'; }

# make_environment FOLDER PINS: nothing is done twice.
make_environment() {
  local folder=$1 pins=$2 made from
  require_python
  fresh_venv "$folder/.venv" || new_venv "$folder/.venv"
  made=$folder/.venv/made-from-${pins//\//-}
  from=$(cat "$folder/$pins" "$folder/pyproject.toml" | sha256sum)
  if [[ -f $made && $(<"$made") == "$from" ]]; then return; fi
  say "• Cài các thư viện Python vào $folder/.venv"
  { pip "$folder" install --require-hashes --requirement "$folder/$pins" &&
    pip "$folder" install --no-deps --no-build-isolation --editable "$folder"; } ||
    fail "chưa cài được thư viện Python. Kiểm tra mạng rồi chạy lại; chi tiết ở $LOG."
  printf '%s' "$from" >"$made"
}

# Where pip has its files from: nothing said is as the machine is set up.
PIP_SOURCE=()

# pip FOLDER COMMAND…: what is asked of FOLDER's own pip.
pip() {
  local folder=$1 command=$2
  PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_NO_INPUT=1 \
    watched pip_progress "$folder/.venv/bin/python" -m pip "$command" "${PIP_SOURCE[@]}" "${@:3}"
}

# fetch_wheels FOLDER DESTINATION: the files that FOLDER's requirements name, each by its hash. Nothing is compiled on a
# Pi, so sources are no use.
fetch_wheels() {
  pip "$1" download --only-binary :all: --require-hashes --dest "$2" --requirement "$1/requirements.txt"
}

# The same of the library of the pins, of which there is no wheel for each Python and machine.
fetch_lgpio() {
  logged "$1/.venv/bin/python" -m pip download --only-binary :all: --require-hashes --no-deps --dest "$2" \
    --requirement "$1/$LGPIO_PINS"
}

# Only where python3-lgpio is installed does the environment see the system's packages: PyPI has it for few Pythons.
sees_system() { if installed python3-lgpio; then say true; else say false; fi; }

# A venv serves the Python and the folder that it was made for. pip comes last into it: without pip it is half made.
fresh_venv() {
  local venv=$1 config=$1/pyvenv.cfg python
  python=$(python_version)
  [[ -x $venv/bin/pip && -x $venv/bin/python ]] &&
    grep -qxF "include-system-site-packages = $(sees_system)" "$config" &&
    grep -q "^version = ${python/./\\.}\." "$config" &&
    grep -qF -e "#!$venv/bin/python" -e "exec' $venv/bin/python" -e "exec' \"$venv/bin/python" "$venv/bin/pip"
}

# new_venv PLACE [OPTION…]
new_venv() {
  local venv=$1 options=(--clear "${@:2}")
  if [[ $(sees_system) == true ]]; then options+=(--system-site-packages); fi
  say "• Tạo môi trường Python ở $venv"
  logged "$SYSTEM_PYTHON" -m venv "${options[@]}" "$venv" || fail "không tạo được $venv; chi tiết ở $LOG."
}
