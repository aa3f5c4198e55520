-- Appends a batch of entries to a room's log, as one atomic step: drops repeats, gives each new entry the
-- next seq, stores it and what it changes, trims, publishes. A repeat gets its original place.
--
-- Returns { epoch, { status, seq, at } ... }   status: 0 new, 1 repeat, 2 conflict, 3 no such target, 4 too many changes
local at = standing(ARGV[1], ARGV[2], ARGV[3])
local results = { at.epoch }

-- Returns the status of an entry, and its seq if it was added.
local function add(key, digest, kind, acceptedAt, head, rest, target, detail, user)
  local isMessage = kind == 'message'
  local status = isMessage and 0 or change(kind, target, at.head + 1, detail, user)
  if status ~= 0 then return status, 0 end
  return 0, place(at, key, digest, isMessage, acceptedAt, head, rest)
end

for _, entry in ipairs(given()) do
  local key, digest, acceptedAt = entry[1], entry[2], tonumber(entry[4])
  local place = redis.call('HGET', ids, key)
  if place then
    local seq, originalAt, original = string.match(place, '^(%d+):(%d+):%d:(.*)$')
    -- Of a message that came back deleted nobody knows the text any more.
    local isSame = original == digest or original == ''
    results[#results + 1] = { isSame and 1 or 2, tonumber(seq), tonumber(originalAt) }
  else
    local status, seq = add(unpack(entry))
    results[#results + 1] = { status, seq, acceptedAt }
  end
end
finish(at)
return results
