-- What all scripts of a room's log share; they are put behind this text.
--
-- KEYS  1 meta      hash: epoch, first, head, n, touched
--       2 log       stream: one entry for each seq that has not been deleted
--       3 ids       hash: dedupe key -> "seq:at:1 for a message:digest"
--       4 state     hash, by seq: t tombstone, e last edit (JSON members), s seqs of all edits,
--                   r number of reactions and their emoji, u with an emoji: user ids, each between line ends
--       5 messages  sorted set: the seqs of messages
-- All in one slot. From first to head every seq is in the log or has a tombstone.
local meta, log, ids, state, messages = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]

-- Lua writes large numbers as 1e+15.
local function digits(number) return string.format('%.0f', number) end

-- Where the log stands. Without meta it begins anew, and old positions mean nothing any more. The same when this
-- Redis has forgotten entries (an older file, a failover): their numbers must not be given again in this epoch.
local function standing(candidate, seenEpoch, seenHead)
  local known = redis.call('HMGET', meta, 'epoch', 'first', 'head', 'n', 'touched')
  local at = { epoch = known[1], first = tonumber(known[2]) or 1, head = tonumber(known[3]) or 0,
    n = tonumber(known[4]) or 0, touched = tonumber(known[5]) or 0 }
  if not at.epoch then
    redis.call('DEL', log, ids, state, messages)
    return { epoch = candidate, first = 1, head = 0, n = 0, touched = 0, isNew = true }
  elseif at.epoch == seenEpoch and at.head < tonumber(seenHead) then
    at.epoch = candidate
    redis.call('HSET', meta, 'epoch', candidate)
  end
  return at
end

-- A log that is only read is kept for a while, so that its epoch stays the same meanwhile.
local function remember(at, ms)
  if not at.isNew then return end
  redis.call('HSET', meta, 'epoch', at.epoch, 'first', 1, 'head', 0, 'n', 0)
  redis.call('PEXPIRE', meta, ms)
end

local function row(seq, fields)
  return { seq = seq, key = fields[2], n = tonumber(fields[4]), at = tonumber(fields[6]), head = fields[8], rest = fields[10] }
end

local function tombstone(seq)
  local kept = redis.call('HGET', state, 't' .. digits(seq))
  if not kept then return nil end
  local fields = cjson.decode(kept)
  return { seq = seq, key = fields[1], n = fields[2], at = fields[3], head = fields[4], rest = ',"deleted":true', isTombstone = true }
end

-- The entries from lo to hi, tombstones among them.
local function range(lo, hi)
  local rows, expected = {}, lo
  local function fill(before)
    for gone = expected, before do rows[#rows + 1] = tombstone(gone) end
  end
  if lo > hi then return rows end
  for _, found in ipairs(redis.call('XRANGE', log, digits(lo), digits(hi))) do
    local seq = tonumber(string.match(found[1], '^%d+'))
    fill(seq - 1)
    rows[#rows + 1] = row(seq, found[2])
    expected = seq + 1
  end
  fill(hi)
  return rows
end

local function json(entry) return '{' .. entry.head .. entry.rest .. '}' end

-- Leaves the place of an entry, but not its text.
local function entomb(seq)
  local entry = range(seq, seq)[1]
  if not entry or entry.isTombstone then return end
  redis.call('HSET', state, 't' .. digits(seq), cjson.encode({ entry.key, entry.n, entry.at, entry.head }))
  redis.call('XDEL', log, digits(seq))
end

local function entombEdits(seq)
  for edit in string.gmatch(redis.call('HGET', state, 's' .. seq) or '', '%d+') do entomb(tonumber(edit)) end
end

-- How many reactions a message has, and the list of their emoji.
local function reactionsOf(seq)
  local total, kinds = 0, {}
  for word in string.gmatch(redis.call('HGET', state, 'r' .. seq) or '', '%S+') do
    if total == 0 then total = tonumber(word) else kinds[#kinds + 1] = word end
  end
  return total, kinds
end

-- The fields of a message's present state.
local function stateFields(seq)
  local fields = { 'e' .. seq, 's' .. seq, 'r' .. seq }
  local _, kinds = reactionsOf(seq)
  for _, emoji in ipairs(kinds) do fields[#fields + 1] = 'u' .. seq .. ' ' .. emoji end
  return fields
end

-- Removes these entries, the oldest of the log. Nobody could delete the text of their edits any more, so that goes too.
-- Returns the first that is kept then.
local function forget(rows)
  if #rows == 0 then return nil end
  local keys = {}
  for i, entry in ipairs(rows) do
    local seq = digits(entry.seq)
    keys[i] = entry.key
    entombEdits(seq)
    redis.call('HDEL', state, 't' .. seq, unpack(stateFields(seq)))
  end
  local last = rows[#rows].seq
  redis.call('XTRIM', log, 'MINID', '=', digits(last + 1))
  redis.call('HDEL', ids, unpack(keys))
  redis.call('ZREMRANGEBYSCORE', messages, '-inf', digits(last))
  return last + 1
end
