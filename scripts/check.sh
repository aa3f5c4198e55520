#!/usr/bin/env bash
# npm run check: types, rules of the code and style. As many at once as there are cores on a small machine.
# What was found is kept under dist/.check, so that a second run looks only at what has changed.
set -uo pipefail
cd "$(dirname "$0")/.."
PATH="$PWD/node_modules/.bin:$PATH"

kept=dist/.check

types_of() {
  tsc --noEmit --incremental --tsBuildInfoFile "$kept/$1.tsbuildinfo" -p "$2"
}

types_and_style() {
  types_of servers tsconfig.json && types_of page web/tsconfig.json &&
    prettier --check --log-level warn --cache --cache-location "$kept/prettier" .
}

eslint . &
lint=$!
types_and_style
result=$?
wait "$lint" && exit "$result"
