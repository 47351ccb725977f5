-- with inbox queues groups
-- Of one queue, or of all when none is named: how many messages wait, when the oldest ends (0: none), and pairs of
-- what was dropped why.
local channels = A[1] ~= '' and {A[1]} or call('ZREVRANGE', base .. 'queues', 0, 20 * BATCH)
local pending, oldest = 0, 0
local drops = {}
for _, channel in ipairs(channels) do
  leave_if_unread(channel, drop_expired(channel))
  local first = call('LINDEX', base .. 'q:' .. channel, 0)
  if first then
    local ends = struct.unpack('>d', first)
    pending = pending + call('LLEN', base .. 'q:' .. channel)
    oldest = (oldest == 0 or ends < oldest) and ends or oldest
  end
end
for _, reason in ipairs({'expired', 'full', 'oldest', 'newest', 'latest', 'closed'}) do
  local count = call('HGET', base .. 'drops', A[1] .. ' ' .. reason)
  if count then
    drops[#drops + 1] = reason
    drops[#drops + 1] = count
  end
end
return {{pending, oldest > 0 and math.floor(oldest - now) or 0, drops, oldest > 0 and 1 or 0}, elsewhere, outcomes}
