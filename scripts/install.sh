#!/usr/bin/env bash
# Installs what the fleet needs and this machine lacks: redis-server, nginx, the Node modules.
# With --test also what the tests need, with --test-all the long ones too. Installed already: does nothing.
# Without the rights for it: says what to type, changes nothing, exit code 4.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/steps.sh

wanted=(redis-server nginx flock)
# A joined host has servers and a monitor alone.
grep -s '^SERVER_HOST=' fleet.env | grep -qv '=127\.0\.0\.1$' && wanted=(flock)
[[ "${1:-}" = --test* ]] && wanted+=(chromium)
# What turns the logs of a fleet that is a service, and what makes hosts of network namespaces.
[ "${1:-}" = --test-all ] && [ "$(uname)" = Linux ] && wanted+=(logrotate ip)

main() {
  require_node
  local missing=() program
  for program in "${wanted[@]}"; do has "$program" || missing+=("$program"); done
  if [ "${#missing[@]}" -gt 0 ]; then install_programs "${missing[@]}"; fi
  # npm writes this hidden file last, so it is newer than the lockfile exactly when all is in place.
  if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
    # Not `npm ci`: it refuses a lockfile without the packages of other platforms, which registry mirrors may lack.
    step 'install the Node modules' npm install --no-save
    touch node_modules/.package-lock.json
  fi
}

require_node() {
  command -v node >/dev/null || stop 'Node.js is not installed.' 'install Node.js 20.19 or newer (24 is best): https://nodejs.org'
  node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' ||
    stop "Node.js is $(node --version), needed is 20.19 or newer." 'install Node.js 24: https://nodejs.org'
}

has() {
  # Programs for administrators are often outside of the PATH of others, but can be run all the same.
  PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null
}

install_programs() {
  if [ "$(uname)" = Darwin ]; then
    command -v brew >/dev/null || stop "Missing: $*" 'install Homebrew (https://brew.sh), then type this again'
    step "install $* (brew)" brew install "${@/redis-server/redis}"
  elif command -v apt-get >/dev/null; then
    local packages=("${@/#flock/util-linux}")
    install_with_apt "${packages[@]/#ip/iproute2}"
  else
    stop "Missing: $*" 'install Redis 7 and nginx with the package manager of this system'
  fi
}

install_with_apt() {
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null ||
      stop "Missing: $*, and this user may not install them." "sudo apt-get update && sudo apt-get install -y $*"
    as_root=(sudo -n)
  fi
  forbid_service_starts
  step "install $* (apt-get)" apt_get_install "$@"
  local service
  for service in "$@"; do disable_service "$service"; done
}

# Packages start their service when they are installed, on ports and with settings that are not the fleet's.
forbid_service_starts() {
  local policy=/usr/sbin/policy-rc.d
  [ ! -e "$policy" ] || return 0
  trap '"${as_root[@]}" rm -f /usr/sbin/policy-rc.d' EXIT
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod 755 "$policy"
}

apt_get_install() {
  local install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@")
  # The package lists of a fresh machine are empty, or too old: only then they are fetched.
  "${install[@]}" || { "${as_root[@]}" apt-get update && "${install[@]}"; }
}

# Nor does a service that we installed start with the next boot.
disable_service() {
  case $1 in redis-server | nginx) ;; *) return 0 ;; esac
  local name="keep the service $1 of the system off"
  if [ -d /run/systemd/system ]; then
    step "$name" "${as_root[@]}" systemctl disable --now "$1"
  elif command -v systemctl >/dev/null; then
    step "$name" "${as_root[@]}" systemctl disable "$1" # this machine is an image that boots later
  elif [ -e "/etc/init.d/$1" ]; then
    step "$name" "${as_root[@]}" update-rc.d "$1" disable
  fi
}

main
