-- Reads a part of a room's log together with its state. A room without a log gets an epoch.
--
-- KEYS  1 meta  2 log  3 ids   one slot
-- ARGV  1 epoch for a log that begins  2, 3 epoch and head that the caller has seen
--       4 ms that an empty room is remembered  5 'after' or 'before'  6 seq (exclusive)  7 limit  8 bytes at most (0: any)
-- Returns { epoch, first, head, n, { seq, n, body } ... } in the order of reading
local meta, log, ids = KEYS[1], KEYS[2], KEYS[3]
local known = redis.call('HMGET', meta, 'epoch', 'head', 'n')
local epoch, head, n = known[1], tonumber(known[2]) or 0, tonumber(known[3]) or 0
if not epoch then
  redis.call('DEL', log, ids)
  epoch, head, n = ARGV[1], 0, 0
  redis.call('HSET', meta, 'epoch', epoch, 'first', 1, 'head', 0, 'n', 0)
  redis.call('PEXPIRE', meta, ARGV[4])
elseif epoch == ARGV[2] and head < tonumber(ARGV[3]) then
  -- This Redis has forgotten entries (an older file, a failover): their numbers must not be given again in this epoch.
  epoch = ARGV[1]
  redis.call('HSET', meta, 'epoch', epoch)
end

local seq, limit = tonumber(ARGV[6]), tonumber(ARGV[7])
local entries = {}
if limit > 0 and ARGV[5] == 'after' then
  entries = redis.call('XRANGE', log, '(' .. string.format('%.0f', seq), '+', 'COUNT', limit)
elseif limit > 0 and seq > 0 then
  -- With '-0': an upper bound without it means the last id of that seq, and would take the seq in.
  entries = redis.call('XREVRANGE', log, '(' .. string.format('%.0f-0', seq), '-', 'COUNT', limit)
end

local left = tonumber(ARGV[8])
if left == 0 then left = math.huge end
local result = { epoch, head - redis.call('XLEN', log) + 1, head, n }
for i, entry in ipairs(entries) do
  left = left - #entry[2][8]
  if left < 0 and i > 1 then break end
  result[#result + 1] = { tonumber(string.match(entry[1], '^%d+')), tonumber(entry[2][4]), entry[2][8] }
end
return result
