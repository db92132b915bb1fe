#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# setup.sh - installs what optc needs to build and test itself on Debian 12.
#
#   tools/setup.sh            packages (as root, or with sudo) and the Python tools in .venv
#   tools/setup.sh --check    says what is missing, installs nothing, exit 1 if something is
#
# Running it again is quick: what is there is left alone.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
  # compiler, linker and the libraries optc is made of
  clang-22 clang-format-22 clang-tidy-22 lld-22 liblld-22-dev libclang-rt-22-dev llvm-22-dev llvm-22-tools libmlir-22-dev mlir-22-tools
  libprotobuf-dev protobuf-compiler libcli11-dev nlohmann-json3-dev libfmt-dev
  libgtest-dev libssl-dev libzstd-dev zlib1g-dev
  # build tools
  ninja-build cmake ccache git g++-12
  # the runtime for aarch64, and what runs it here
  g++-aarch64-linux-gnu qemu-user
  # tests
  python3 python3-venv python3-pip unzip
)

say() { printf 'setup: %s\n' "$*"; }
die() { printf 'setup: error: %s\n' "$*" >&2; exit 1; }

missingPackages() {
  local name
  for name in "${packages[@]}"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || echo "$name"
  done
}

asRoot() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "packages are missing and need root: run as root, install sudo, or install by hand: ${missing[*]}"
  fi
}

installPackages() {
  say "installing ${#missing[@]} Debian packages: ${missing[*]}"
  asRoot apt-get update -qq
  apt-cache show clang-22 >/dev/null 2>&1 || die "this system offers no clang-22: optc needs LLVM/MLIR 22 \
(Debian 12 has it in its security archive; see that bookworm-security is among the apt sources)"
  asRoot env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# .venv/optc-requirements is a copy of the file that was installed last.
installPython() {
  say "installing the Python test tools into .venv (test/requirements.txt)"
  [ -x .venv/bin/python ] || "$python" -m venv .venv
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --requirement test/requirements.txt
  cp test/requirements.txt .venv/optc-requirements
}

command -v dpkg-query >/dev/null || die "this is not a Debian system; the packages to install by other means: ${packages[*]}"
mapfile -t missing < <(missingPackages)
pythonReady=no
cmp -s test/requirements.txt .venv/optc-requirements 2>/dev/null && [ -x .venv/bin/python ] && pythonReady=yes

if [ "${1:-}" = --check ]; then
  [ ${#missing[@]} = 0 ] || say "missing packages: ${missing[*]}"
  [ $pythonReady = yes ] || say "missing: .venv with test/requirements.txt"
  [ ${#missing[@]} = 0 ] && [ $pythonReady = yes ] && say "everything is there"
  exit $?
fi
[ $# = 0 ] || die "unknown argument '$1' (the only one is --check)"

[ ${#missing[@]} = 0 ] || installPackages
# The system's own Python: another one in PATH may lack venv.
python=/usr/bin/python3
[ -x "$python" ] || python=python3
[ $pythonReady = yes ] || installPython
say "ready: $(clang-22 --version | sed -n 's/.*clang version \([^ ]*\).*/clang \1/p'), \
$(cmake --version | sed -n '1s/.*version /cmake /p'), $(.venv/bin/python --version)"
