-- Stores what has changed of one server's members of a room, and returns the summaries of all servers.
--
-- KEYS  1 summaries (hash: server -> rev:count)  2 members of this server (sorted set, all of score 0)   one slot
-- ARGV  1 server  2 rev  3 ms until both expire  4 '1': forget what was stored  5 number of members to remove
--       then the members to remove, then those to add
local summaries, own = KEYS[1], KEYS[2]
local server, removals = ARGV[1], tonumber(ARGV[5])
if ARGV[4] == '1' then redis.call('DEL', own) end
for i = 6, #ARGV do
  if i <= 5 + removals then redis.call('ZREM', own, ARGV[i]) else redis.call('ZADD', own, 0, ARGV[i]) end
end

local count = redis.call('ZCARD', own)
if count == 0 then
  redis.call('HDEL', summaries, server)
elseif ARGV[4] == '1' or #ARGV > 5 then
  redis.call('HSET', summaries, server, ARGV[2] .. ':' .. count)
end
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[3]) end
return redis.call('HGETALL', summaries)
