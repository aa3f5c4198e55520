#!/usr/bin/env bash
# Proves the one command on a fresh machine: makes a bare Debian 12 (debootstrap's smallest) in a temporary folder, puts
# nothing but Node into it, copies the project there, and types `npm start`, `npm stop`. Needs root. Leaves nothing behind.
#   scripts/bare-debian.sh
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$(id -u)" -eq 0 ] || { echo 'bare-debian: needs root (chroot). Type: sudo scripts/bare-debian.sh' >&2; exit 4; }
command -v debootstrap >/dev/null || { apt-get update -q && apt-get install -yq debootstrap; }

root=$(mktemp -d /tmp/bare-debian.XXXXXX)
inside() {
  env -i HOME=/srv PATH=/usr/sbin:/usr/bin:/sbin:/bin ${NODE_EXTRA_CA_CERTS:+NODE_EXTRA_CA_CERTS="$NODE_EXTRA_CA_CERTS"} \
    SERVERS=2 BASE_PORT=3901 HTTP_PORT=8980 REDIS_PORT=6990 OPS_PORT=8990 chroot "$root" bash -c "cd /srv/chatfleet && $1"
}
clean() {
  inside 'npm stop' >/dev/null 2>&1 || true
  umount -l "$root/proc" "$root/dev" 2>/dev/null || true
  rm -rf --one-file-system "$root"
}
trap clean EXIT
say() { echo "bare-debian: $*"; }

say 'debootstrap Debian 12 (some minutes)'
mirror=$(awk '$1 == "URIs:" || $1 == "deb" { print $2; exit }' /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null || true)
[ -n "$mirror" ] || { echo 'bare-debian: the sources of apt name no mirror to take Debian from' >&2; exit 4; }
debootstrap --variant=minbase bookworm "$root" "$mirror" >"$root.log" 2>&1 || { tail -20 "$root.log"; exit 1; }
rm -f "$root.log"

say 'put Node into it, and how this machine reaches the registries'
npm_home=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
install -D "$(readlink -f "$(command -v node)")" "$root/usr/bin/node"
mkdir -p "$root/usr/lib/node_modules" "$root/etc/ssl"
cp -r "$npm_home" "$root/usr/lib/node_modules/npm"
for command in npm npx; do ln -s "../lib/node_modules/npm/bin/$command-cli.js" "$root/usr/bin/$command"; done
cp -rL /etc/ssl/certs "$root/etc/ssl/"
cp -r /etc/apt/sources.list* "$root/etc/apt/"
cp /etc/resolv.conf /etc/hosts "$root/etc/"
[ ! -f ~/.npmrc ] || cp ~/.npmrc "$root/srv/.npmrc"
mount --bind /dev "$root/dev"
mount -t proc proc "$root/proc"

say 'copy the project'
mkdir "$root/srv/chatfleet"
git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$root/srv/chatfleet"

say 'npm start'
inside 'npm start'
say 'a page, through nginx'
inside "node -e \"fetch('http://127.0.0.1:8980/').then(async (page) => process.exit(page.ok && (await page.text()).includes('<script') ? 0 : 1))\""
say 'npm start again, npm stop twice'
inside 'npm start && npm stop && npm stop'
say 'nothing is left running'
if inside "node -e \"fetch('http://127.0.0.1:8980/').then(() => process.exit(0), () => process.exit(1))\""; then exit 1; fi
say 'passed'
