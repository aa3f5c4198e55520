-- All fields of a hash as a flat list: an object of JavaScript could not hold one called __proto__.
--
-- KEYS  1 the hash
-- ARGV  1 ms that it is kept from now on; 0 leaves that as it is
if ARGV[1] ~= '0' then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return redis.call('HGETALL', KEYS[1])
