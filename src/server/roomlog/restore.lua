-- Puts back what this Redis has lost of entries that were in the log. What it has is left as it is; ids tell. A new
-- epoch begins if it lost any of the epoch that it is in: the numbers of the lost ones must not be given again in that.
-- Beside append's kinds: gone and gone-edit, what a delete has left of a message and of an edit.
--
-- ARGV  2 epoch that the entries were in  3 is 0
-- Returns { epoch, number of entries put back }
local at = standing(ARGV[1], '', 0)
local lostEpoch = ARGV[2]

-- A place without text. An entry with this id that comes later is a repeat, so its text does not come back.
local function addTombstone(key, isMessage, acceptedAt, head)
  at.head = at.head + 1
  if isMessage then
    at.n = at.n + 1
    redis.call('ZADD', messages, digits(at.head), digits(at.head))
  end
  redis.call('HSET', state, 't' .. digits(at.head), cjson.encode({ key, at.n, tonumber(acceptedAt), head }))
  identify(at.head, isMessage, key, acceptedAt, '')
  published[#published + 1] = string.format('[%s,%s,{%s,"deleted":true}]', digits(at.head), digits(at.n), head)
end

-- Everything gets a place, also what changes nothing any more; but no text of a deleted message.
local function restore(key, digest, kind, acceptedAt, head, rest, target, detail, user)
  if kind == 'gone' or kind == 'gone-edit' then return addTombstone(key, kind == 'gone', acceptedAt, head) end
  if kind == 'delete' and redis.call('HEXISTS', ids, target) == 0 then addTombstone(target, true, acceptedAt, detail) end
  local isMessage = kind == 'message'
  local status = isMessage and 0 or change(kind, target, at.head + 1, detail, user)
  if status ~= 0 and kind == 'edit' then return addTombstone(key, false, acceptedAt, head) end
  place(at, key, digest, isMessage, acceptedAt, head, rest)
end

for _, entry in ipairs(given()) do
  if redis.call('HEXISTS', ids, entry[1]) == 0 then
    if at.epoch == lostEpoch then at.epoch = ARGV[1] end
    restore(unpack(entry))
  end
end
finish(at)
return { at.epoch, #published }
