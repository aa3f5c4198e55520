#!/usr/bin/env bash
# npm run load:story [-- --target http://host:port]: the load test of the story, by Artillery.
# Exit code 0: every virtual user completed. All come from one address, so ip_hash gives one server
# everything; npm run load:spread plays the same story from many networks.
set -euo pipefail
cd "$(dirname "$0")"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Artillery needs Node 22.18, which this project does not. The package `node` fetches its program in an
# install script, and the project's .npmrc forbids those. The version: npm takes an old Artillery otherwise.
artillery=(npx -y --ignore-scripts=false -p node@24 -p artillery@^2.0.34 artillery)

echo 'Artillery: the first time it is downloaded, which takes some minutes' >&2
"${artillery[@]}" run --output "$folder/report.json" "$@" story.yml
node verdict.cjs "$folder/report.json"
