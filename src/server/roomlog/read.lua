-- Reads a part of a room's log together with its state. A room without a log gets an epoch.
--
-- KEYS  1 meta  2 log  3 ids   one slot
-- ARGV  1 epoch for a log that begins  2 ms that an empty room is remembered  3 'after' or 'before'  4 seq (exclusive)  5 limit
-- Returns { epoch, first, head, n, { seq, n, body } ... } in the order of reading
local meta, log, ids = KEYS[1], KEYS[2], KEYS[3]
local known = redis.call('HMGET', meta, 'epoch', 'head', 'n')
local epoch, head, n = known[1], tonumber(known[2]) or 0, tonumber(known[3]) or 0
if not epoch then
  redis.call('DEL', log, ids)
  epoch, head, n = ARGV[1], 0, 0
  redis.call('HSET', meta, 'epoch', epoch, 'head', 0, 'n', 0)
  redis.call('PEXPIRE', meta, ARGV[2])
end

local seq, limit = tonumber(ARGV[4]), tonumber(ARGV[5])
local entries = {}
if limit > 0 and ARGV[3] == 'after' then
  entries = redis.call('XRANGE', log, '(' .. string.format('%.0f', seq), '+', 'COUNT', limit)
elseif limit > 0 and seq > 0 then
  -- With '-0': an upper bound without it means the last id of that seq, and would take the seq in.
  entries = redis.call('XREVRANGE', log, '(' .. string.format('%.0f-0', seq), '-', 'COUNT', limit)
end

local result = { epoch, head - redis.call('XLEN', log) + 1, head, n }
for _, entry in ipairs(entries) do
  result[#result + 1] = { tonumber(string.match(entry[1], '^%d+')), tonumber(entry[2][4]), entry[2][8] }
end
return result
