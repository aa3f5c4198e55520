-- Removes the oldest entries of a room's log, none younger than the id window.
--
-- ARGV  1 entries to remove at most (up to 1,000)  2 only those accepted before (ms since 1970)
-- Returns the number removed
local at = standing('', '', 0)
if at.isNew then return 0 end
local over = {}
for _, entry in ipairs(range(at.first, math.min(at.head, at.first + tonumber(ARGV[1]) - 1))) do
  if entry.at > tonumber(ARGV[2]) then break end
  over[#over + 1] = entry
end
local first = forget(over)
if first then redis.call('HSET', meta, 'first', digits(first)) end
return #over
