-- with inbox queues groups
-- A channel joins a group, or renews: group, channel, about a queue (capacity, policy, is here), how much history.
-- Returns the place in the order of the group's messages, and the history for a channel of the caller's own.
-- A member that renews gets none: it has had it, and what was sent since.
local group, channel = A[1], A[2]
expire_group(group)
local is_new = not call('ZSCORE', base .. 'g:' .. group .. ':m', channel)
local owner = join(group, channel, A[3])
local history = {}
if is_new and tonumber(A[4]) > 0 then
  for _, each in ipairs(call('LRANGE', base .. 'g:' .. group .. ':h', -tonumber(A[4]), -1)) do
    if struct.unpack('>d', each) > now then
      history[#history + 1] = string.sub(each, 9)
    end
  end
end
local place = call('GET', base .. 'seq') or '0'
if owner == me then
  return {{place, history}, elsewhere, outcomes}
end
local capacity, policy, is_here = string.match(A[3], '^(%d+) (%S+) (%d)$')
for _, payload in ipairs(history) do
  deliver(channel, capacity, 'drop-newest', is_here, payload)
end
if owner then
  post(owner, 'j', group, 'n', channel, 's', place)
end
return {{place, {}}, elsewhere, outcomes}
