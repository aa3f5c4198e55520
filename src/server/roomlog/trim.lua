-- Removes the oldest entries of a room's log, none younger than the id window.
--
-- KEYS  1 meta  2 log  3 ids   one slot
-- ARGV  1 entries to remove at most (up to 1,000)  2 only those accepted before (ms since 1970)
-- Returns the number removed
local meta, log, ids = KEYS[1], KEYS[2], KEYS[3]
local gone, keys = 0, {}
for _, entry in ipairs(redis.call('XRANGE', log, '-', '+', 'COUNT', ARGV[1])) do
  if tonumber(entry[2][6]) > tonumber(ARGV[2]) then break end
  gone = gone + 1
  keys[gone] = entry[2][2]
end
if gone > 0 then
  local length = redis.call('XLEN', log) - gone
  redis.call('XTRIM', log, 'MAXLEN', '=', length)
  redis.call('HSET', meta, 'first', tonumber(redis.call('HGET', meta, 'head')) - length + 1)
  redis.call('HDEL', ids, unpack(keys))
end
return gone
