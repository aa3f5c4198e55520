-- Moves a user's read position in a room forward, never back within an epoch.
--
-- KEYS  1 rooms of the user (hash: room -> '' or 'epoch seq n' of the read position)
-- ARGV  1 room  2 epoch  3 seq  4 n  5 1: he is a member, though it may not be written yet  6 ms kept
-- Returns { seq, n } in force; nothing if the user is not a member
local known = redis.call('HGET', KEYS[1], ARGV[1])
if not known and ARGV[5] == '0' then return false end
local epoch, seq, n = string.match(known or '', '^(%S+) (%d+) (%d+)$')
if epoch == ARGV[2] and tonumber(seq) >= tonumber(ARGV[3]) then return { tonumber(seq), tonumber(n) } end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. ARGV[3] .. ' ' .. ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[6])
return { tonumber(ARGV[3]), tonumber(ARGV[4]) }
