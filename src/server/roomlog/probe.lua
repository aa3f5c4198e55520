-- Does what an append needs: a script that writes and publishes. KEYS 1 a key of its own, also the channel.
redis.call('SET', KEYS[1], '', 'PX', 60000)
return redis.call('SPUBLISH', KEYS[1], '')
