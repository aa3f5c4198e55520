#!/usr/bin/env bash
# npm test: installs what the tests need, builds, checks types and style, runs the tests.
# With --all: the long tests too, and then the usual ones under Node 24.
set -uo pipefail
cd "$(dirname "$0")/.."

finish() {
  local code=$?
  if [ "$code" -eq 0 ]; then echo "npm test: passed in $SECONDS s"; else echo "npm test: FAILED after $SECONDS s"; fi
  exit "$code"
}
trap finish EXIT

wanted=--test
[ "${1:-}" = --all ] && wanted=--test-all
bash scripts/prepare.sh "$wanted" || exit

# Beside the tests, most of which wait for something: one core is enough for either.
checked=$(mktemp)
npm run --silent check >"$checked" 2>&1 &
check=$!
and_check() {
  local code=$?
  wait "$check" || code=$?
  cat "$checked"
  rm -f "$checked"
  return "$code"
}

if [ "${1:-}" != --all ]; then
  npx jest
  and_check
  exit
fi
# What measures under load, or times the death of a server, has the machine to itself, and a process that nothing
# ran in before: --runInBand has one for all, and hundreds of clients would wait for the collector of the last test.
alone='tests/long/(load|failpoints|presence-crowd|doctor-reproducers|cost-model|two-hosts|deploy|cluster)'
ALL=1 npx jest --testPathIgnorePatterns "$alone"
and_check || exit
ALL=1 npx jest --maxWorkers=1 --workerIdleMemoryLimit=1KB "$alone" || exit
echo 'The usual tests once more, under Node 24'
# The package `node` fetches its program in an install script, which the project's .npmrc forbids to all others.
# An npx in a test would take the options of this one for its own.
npx -y --ignore-scripts=false -p 'node@^24.0.0' \
  env -u npm_config_package -u npm_config_yes -u npm_config_ignore_scripts node node_modules/jest/bin/jest.js
