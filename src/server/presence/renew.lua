-- Renews the lease of a server, by the clock of Redis. One that is over is not renewed: its id stays dead.
--
-- KEYS  1 leases (sorted set: server -> time of its end, ms since 1970)
-- ARGV  1 server  2 ms from now to its end  3 '1': it should have one already  4 ms until all of them expire
-- Returns the servers with a lease; this one is among them, or had lost its own
local leases, server = KEYS[1], ARGV[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', leases, '-inf', now)
if ARGV[3] == '0' or redis.call('ZSCORE', leases, server) then
  redis.call('ZADD', leases, now + tonumber(ARGV[2]), server)
  redis.call('PEXPIRE', leases, ARGV[4])
end
return redis.call('ZRANGE', leases, 0, -1)
