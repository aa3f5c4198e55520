#!/usr/bin/env bash
# Builds servers, command line and page, if a source is newer than the last complete build.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/steps.sh

newer=$(find src web package-lock.json tsconfig.json tsconfig.build.json -newer dist/.built -print -quit 2>/dev/null || echo all)
if [ -n "$newer" ]; then
  begun=$(mktemp) # carries the time when the build began: what is edited meanwhile is newer
  step 'build the servers' npm run --silent build:server
  step 'build the page' npm run --silent build:web
  mv "$begun" dist/.built
fi
