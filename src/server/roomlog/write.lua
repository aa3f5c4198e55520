-- What the scripts share that add entries; put between log.lua and their own text.
--
-- ARGV  1 epoch for a log that begins  2, 3 epoch and head that the caller has seen
--       4 channel  5 now (ms)  6 entries kept  7 ms kept  8 id window (ms)
--       9, 10, 11 different emoji, reactions, and edits that a message may have
--       then for each entry: dedupe key, digest of the content, kind (message, edit, delete, on, off), time of
--       acceptance (ms), two parts of its JSON (head: what a tombstone keeps; rest: begins with a comma),
--       dedupe key of its target, and: last edit as JSON members | emoji | head of a tombstone for the target of a
--       delete | '', user id that reacts | ''
local channel, now, keepEntries, keepMs, idWindowMs = ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local maxEmoji, maxReactions, maxEdits = tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11])

-- The entries of this call, each as its nine arguments.
local function given()
  local entries = {}
  for i = 12, #ARGV, 9 do entries[#entries + 1] = { unpack(ARGV, i, i + 8) } end
  return entries
end

-- Adds or takes back a reaction; one that is there already, or not, changes nothing. Returns the status.
local function react(seq, emoji, user, on)
  local total, kinds = reactionsOf(seq)
  local field, mark = 'u' .. seq .. ' ' .. emoji, '\n' .. user .. '\n'
  local users = redis.call('HGET', state, field) or '\n'
  local from, to = string.find(users, mark, 1, true)
  if (from ~= nil) == on then return 0 end
  if on then
    if users == '\n' then kinds[#kinds + 1] = emoji end
    total = total + 1
    if #kinds > maxEmoji or total > maxReactions then return 4 end
    redis.call('HSET', state, field, users .. user .. '\n')
  else
    total = total - 1
    users = string.sub(users, 1, from) .. string.sub(users, to + 1)
    if users ~= '\n' then
      redis.call('HSET', state, field, users)
    else
      redis.call('HDEL', state, field)
      local left = {}
      for _, kind in ipairs(kinds) do if kind ~= emoji then left[#left + 1] = kind end end
      kinds = left
    end
  end
  if total == 0 then redis.call('HDEL', state, 'r' .. seq)
  else redis.call('HSET', state, 'r' .. seq, total .. ' ' .. table.concat(kinds, ' ')) end
  return 0
end

-- Carries out what an entry with this seq changes. Returns its status.
local function change(kind, target, seq, detail, user)
  local place = redis.call('HGET', ids, target)
  local changed, isMessage
  if place then changed, isMessage = string.match(place, '^(%d+):%d+:(%d):') end
  if isMessage ~= '1' or redis.call('HEXISTS', state, 't' .. changed) == 1 then return 3 end
  if kind == 'on' or kind == 'off' then return react(changed, detail, user, kind == 'on') end
  if kind == 'edit' then
    local edits = (redis.call('HGET', state, 's' .. changed) or '') .. digits(seq) .. ' '
    if select(2, string.gsub(edits, ' ', '')) > maxEdits then return 4 end
    redis.call('HSET', state, 'e' .. changed, detail, 's' .. changed, edits)
  else
    entomb(tonumber(changed))
    entombEdits(changed)
    redis.call('HDEL', state, unpack(stateFields(changed)))
  end
  return 0
end

local function identify(seq, isMessage, key, acceptedAt, digest)
  redis.call('HSET', ids, key, string.format('%s:%s:%d:%s', digits(seq), acceptedAt, isMessage and 1 or 0, digest))
end

local published = {}

-- Gives an entry the next seq, and stores and publishes it. Returns the seq.
local function place(at, key, digest, isMessage, acceptedAt, head, rest)
  local seq = at.head + 1
  at.head = seq
  if isMessage then
    at.n = at.n + 1
    redis.call('ZADD', messages, digits(seq), digits(seq))
  end
  redis.call('XADD', log, digits(seq) .. '-0', 'k', key, 'n', digits(at.n), 'at', acceptedAt, 'h', head, 'r', rest)
  identify(seq, isMessage, key, acceptedAt, digest)
  published[#published + 1] = string.format('[%s,%s,{%s%s}]', digits(seq), digits(at.n), head, rest)
  return seq
end

-- Nothing younger than the id window: a late retry would double.
local function isOver(entry, at)
  local tooMany, tooOld = at.head - entry.seq + 1 > keepEntries, entry.at < now - keepMs
  return (tooMany or tooOld) and entry.at <= now - idWindowMs
end

-- The oldest entries that are not to be kept, a bounded number a call.
local function surplus(at)
  local over = {}
  -- Mostly there is none, and the first one tells: to read all that a call may trim would be most of its work.
  local oldest = range(at.first, at.first)[1]
  if not oldest or not isOver(oldest, at) then return over end
  for _, entry in ipairs(range(at.first, math.min(at.head, at.first + 2 * #published + 15))) do
    if not isOver(entry, at) then break end
    over[#over + 1] = entry
  end
  return over
end

-- After the last entry of a call: trims, keeps where the log stands, publishes.
local function finish(at)
  if #published == 0 then return remember(at, keepMs) end
  at.first = forget(surplus(at)) or at.first
  redis.call('HSET', meta, 'epoch', at.epoch, 'first', digits(at.first), 'head', digits(at.head), 'n', digits(at.n))
  -- A room nobody writes to is forgotten as a whole when its last entry is over. Once an hour is often enough.
  if now - at.touched > 3600000 then
    redis.call('HSET', meta, 'touched', now)
    for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, keepMs + 7200000) end
  end
  redis.call('SPUBLISH', channel, string.format('{"v":1,"epoch":"%s","first":%s,"head":%s,"n":%s,"entries":[%s]}',
    at.epoch, digits(at.first), digits(at.head), digits(at.n), table.concat(published, ',')))
end
