#!/usr/bin/env bash
# npm stop: ends all of the fleet, whatever of it still runs. Typing it again does no harm.
set -euo pipefail
cd "$(dirname "$0")/.."

runnable() {
  [ -e node_modules/.bin/pm2 ] && node dist/cli/main.js --help >/dev/null 2>&1
}

if ! runnable; then
  if [ ! -e dist ] && [ ! -e node_modules ]; then
    echo 'Nothing was ever installed in this folder, so nothing runs.'
    exit 0
  fi
  echo 'Parts of the program are missing. Putting them in place first, to stop the fleet in good order.' >&2
  bash scripts/prepare.sh
fi
exec node dist/cli/main.js down
