#!/usr/bin/env bash
# PM2 app chat-nginx: nginx in the foreground. `exec`, so that the pid that PM2 knows is nginx's master.
# Usage: run-nginx.sh PREFIX PORT NODE   (the working folder tells whose nginx this is)
set -eu
PATH="$PATH:/usr/sbin:/sbin" # where nginx is, also for users who are not root
prefix=$1 port=$2 node=$3
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$prefix"
# A master killed with -9 leaves workers that hold the port. They finish what they serve, but free the port.
env -u NODE_CHANNEL_FD "$node" "$root/dist/fleet/orphans.js" "$prefix" "$port"
exec nginx -p "$prefix" -c "$prefix/nginx.conf" -e stderr -g 'daemon off;'
