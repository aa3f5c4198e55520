-- Makes a user a member of a room, if he has not too many.
--
-- KEYS  1 rooms of the user (hash: room -> '' or 'epoch seq n' of the read position)
-- ARGV  1 room  2 most rooms  3 ms kept at least
-- Returns 1 added, 0 was one already, -1 has too many
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then return 0 end
if redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[2]) then return -1 end
redis.call('HSET', KEYS[1], ARGV[1], '')
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[3]) then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return 1
