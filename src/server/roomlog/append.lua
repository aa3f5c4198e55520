-- Appends a batch of entries to a room's log, as one atomic step: drops repeats, gives each new entry the
-- next seq, stores, trims, publishes. A repeat gets its original place.
--
-- KEYS  1 meta (hash: epoch, first, head, n, touched)  2 log (stream)  3 ids (hash: dedupe key -> place)   one slot
-- ARGV  1 epoch for a log that begins  2, 3 epoch and head that the caller has seen
--       4 channel  5 now (ms)  6 entries kept  7 ms kept  8 id window (ms)
--       then for each entry: dedupe key, digest of the content, 1 for a message, time of acceptance (ms), body (JSON)
-- Returns { epoch, { status, seq, at } ... }   status: 0 new, 1 repeat, 2 conflict
local meta, log, ids = KEYS[1], KEYS[2], KEYS[3]
local channel, now, keepEntries, keepMs, idWindowMs = ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])

local known = redis.call('HMGET', meta, 'epoch', 'head', 'n', 'touched')
local epoch, head, n, touched = known[1], tonumber(known[2]) or 0, tonumber(known[3]) or 0, tonumber(known[4]) or 0
if not epoch then
  -- Positions of a log whose meta is gone mean nothing any more.
  redis.call('DEL', log, ids)
  epoch, head, n, touched = ARGV[1], 0, 0, 0
elseif epoch == ARGV[2] and head < tonumber(ARGV[3]) then
  -- This Redis has forgotten entries (an older file, a failover): their numbers must not be given again in this epoch.
  epoch = ARGV[1]
  redis.call('HSET', meta, 'epoch', epoch)
end

local results, published = { epoch }, {}
for i = 9, #ARGV, 5 do
  local key, digest, isMessage, at, body = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
  local place = redis.call('HGET', ids, key)
  if place then
    local seq, acceptedAt, original = string.match(place, '^(%d+):(%d+):(.*)$')
    results[#results + 1] = { original == digest and 1 or 2, tonumber(seq), tonumber(acceptedAt) }
  else
    head = head + 1
    if isMessage == '1' then n = n + 1 end
    redis.call('XADD', log, head .. '-0', 'k', key, 'n', n, 'at', at, 'b', body)
    redis.call('HSET', ids, key, string.format('%d:%s:%s', head, at, digest))
    published[#published + 1] = string.format('[%d,%d,%s]', head, n, body)
    results[#results + 1] = { 0, head, tonumber(at) }
  end
end

if #published == 0 then return results end

-- Trimming: oldest first, a bounded number a call; nothing younger than the id window, or a late retry would double.
local length, gone, keys = redis.call('XLEN', log), 0, {}
for _, entry in ipairs(redis.call('XRANGE', log, '-', '+', 'COUNT', 2 * #published + 16)) do
  local at = tonumber(entry[2][6])
  local tooMany, tooOld = length - gone > keepEntries, at < now - keepMs
  if not (tooMany or tooOld) or at > now - idWindowMs then break end
  gone = gone + 1
  keys[gone] = entry[2][2]
end
if gone > 0 then
  redis.call('XTRIM', log, 'MAXLEN', '=', length - gone)
  redis.call('HDEL', ids, unpack(keys))
end

local first = head - (length - gone) + 1
redis.call('HSET', meta, 'epoch', epoch, 'first', first, 'head', head, 'n', n)

-- A room nobody writes to is forgotten as a whole when its last entry is over. Once an hour is often enough.
if now - touched > 3600000 then
  redis.call('HSET', meta, 'touched', now)
  for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, keepMs + 7200000) end
end

redis.call('SPUBLISH', channel, string.format('{"v":1,"epoch":"%s","first":%d,"head":%d,"n":%d,"entries":[%s]}',
  epoch, first, head, n, table.concat(published, ',')))
return results
