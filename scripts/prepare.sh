#!/usr/bin/env bash
# Installs and builds what is missing; one at a time in this folder. Arguments go to install.sh.
set -euo pipefail
cd "$(dirname "$0")/.."

exec 9<. # the folder itself is the lock
if command -v flock >/dev/null && ! flock -n 9; then
  echo '...   another installation runs in this folder: waiting for it' >&2
  flock 9
fi
bash scripts/install.sh "$@"
bash scripts/build.sh
