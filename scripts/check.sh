#!/usr/bin/env bash
# npm run check: types, rules of the code and style. As many at once as there are cores on a small machine.
set -uo pipefail
cd "$(dirname "$0")/.."
PATH="$PWD/node_modules/.bin:$PATH"

types_and_style() {
  tsc --noEmit -p tsconfig.json && tsc --noEmit -p web/tsconfig.json && prettier --check --log-level warn .
}

eslint . &
lint=$!
types_and_style
result=$?
wait "$lint" && exit "$result"
