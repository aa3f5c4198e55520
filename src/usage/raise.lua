-- Raises totals of one hour; none ever falls, whatever order writes arrive in.
-- KEYS: the hour. ARGV: milliseconds to keep it, then field and total in turn.
for i = 2, #ARGV, 2 do
  local known = redis.call('HGET', KEYS[1], ARGV[i])
  if not known or tonumber(known) < tonumber(ARGV[i + 1]) then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  end
end
return redis.call('PEXPIRE', KEYS[1], ARGV[1])
