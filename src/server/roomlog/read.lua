-- Reads a part of a room's log, entry by entry. A room without a log gets an epoch.
--
-- ARGV  1 epoch for a log that begins  2, 3 epoch and head that the caller has seen
--       4 ms that an empty room is remembered  5 'after' or 'before'  6 seq (exclusive)  7 limit
-- Returns { epoch, first, head, n, { seq, n, JSON } ... } ascending
local at = standing(ARGV[1], ARGV[2], ARGV[3])
remember(at, ARGV[4])

local seq, limit = tonumber(ARGV[6]), tonumber(ARGV[7])
local lo, hi
if ARGV[5] == 'after' then
  lo = math.max(seq + 1, at.first)
  hi = math.min(lo + limit - 1, at.head)
else
  hi = math.min(seq - 1, at.head)
  lo = math.max(hi - limit + 1, at.first)
end

local result = { at.epoch, at.first, at.head, at.n }
for _, entry in ipairs(range(lo, hi)) do result[#result + 1] = { entry.seq, entry.n, json(entry) } end
return result
