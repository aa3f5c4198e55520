#!/usr/bin/env bash
# npm start: installs and builds what is missing, starts everything that does not run yet, and returns
# when a message has crossed two servers. Typing it again does no harm.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/prepare.sh
exec node dist/cli/main.js up
