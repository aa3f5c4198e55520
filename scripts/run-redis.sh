#!/usr/bin/env bash
# PM2 app chat-redis: the fleet's own Redis. `exec`, so that the pid that PM2 knows is Redis itself.
# Usage: run-redis.sh DIR   (with DIR/redis.conf; the working folder tells whose Redis this is)
set -eu
cd "$1"
# Its files hold all that was said: nobody else on this machine reads them.
umask 077
exec redis-server "$1/redis.conf"
