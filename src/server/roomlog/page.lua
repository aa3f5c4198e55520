-- Reads messages as they are now: with their last edit and their reactions, or as a tombstone. A room without a
-- log gets an epoch.
--
-- ARGV  1 epoch for a log that begins  2, 3 epoch and head that the caller has seen
--       4 ms that an empty room is remembered  5 'after' or 'before'  6 seq (exclusive)  7 limit
--       8 bytes at most, but at least one message (0: any)
-- Returns { epoch, first, head, n, 1 if there are more in this direction, { seq, n, JSON, last edit, reactions } ... }
-- in the order of reading; last edit: JSON members or '', reactions: { emoji, user ids, emoji, user ids ... }, the ids
-- each between line ends
local at = standing(ARGV[1], ARGV[2], ARGV[3])
remember(at, ARGV[4])

local bound, limit, left = '(' .. digits(tonumber(ARGV[6])), tonumber(ARGV[7]), tonumber(ARGV[8])
if left == 0 then left = math.huge end
local seqs
if ARGV[5] == 'after' then
  seqs = redis.call('ZRANGEBYSCORE', messages, bound, '+inf', 'LIMIT', 0, limit + 1)
else
  seqs = redis.call('ZREVRANGEBYSCORE', messages, bound, '-inf', 'LIMIT', 0, limit + 1)
end

local count = math.min(#seqs, limit)

-- The entries with these seqs, by seq: in one reading, unless much else lies between them.
local function entriesOf()
  local entries, ends = {}, { tonumber(seqs[1]), tonumber(seqs[count]) }
  local lo, hi = math.min(ends[1], ends[2]), math.max(ends[1], ends[2])
  if hi - lo < 2 * count then
    for _, entry in ipairs(range(lo, hi)) do entries[entry.seq] = entry end
  else
    for i = 1, count do
      local seq = tonumber(seqs[i])
      entries[seq] = range(seq, seq)[1]
    end
  end
  return entries
end

-- Last edit and reactions of each message.
local function changesOf()
  local fields = {}
  for i = 1, count do
    fields[2 * i - 1], fields[2 * i] = 'e' .. seqs[i], 'r' .. seqs[i]
  end
  return redis.call('HMGET', state, unpack(fields))
end

local result = { at.epoch, at.first, at.head, at.n, #seqs > limit and 1 or 0 }
if count == 0 then return result end
local entries, changes = entriesOf(), changesOf()
for i = 1, count do
  local entry, edit, reactions = entries[tonumber(seqs[i])], changes[2 * i - 1] or '', {}
  local kinds = changes[2 * i] and select(2, reactionsOf(seqs[i])) or {}
  for _, emoji in ipairs(kinds) do
    local users = redis.call('HGET', state, 'u' .. seqs[i] .. ' ' .. emoji)
    reactions[#reactions + 1] = emoji
    reactions[#reactions + 1] = users
    left = left - #users
  end
  left = left - #entry.head - #entry.rest - #edit
  if left < 0 and i > 1 then
    result[5] = 1
    break
  end
  result[#result + 1] = { entry.seq, entry.n, json(entry), edit, reactions }
end
return result
