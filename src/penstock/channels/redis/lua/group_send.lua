-- with inbox queues groups history
-- A message for a group: group, payload, the group's policy or '', how much history to keep, for how
-- long, and how many bytes of it for all groups. One entry goes to each other process; the caller serves its own
-- members, in the order in which the answers come.
local group, payload = A[1], A[2]
local key = base .. 'g:' .. group
expire_group(group)
local place = call('INCR', base .. 'seq')
for _, process in ipairs(call('HKEYS', key .. ':p')) do
  if process ~= me and not post(process, 'g', group, 's', place, 'm', payload) then
    reap(process, 'lost')
  end
end
local queues = call('HGETALL', key .. ':n')
for i = 1, #queues, 2 do
  local capacity, policy, is_here = string.match(queues[i + 1], '^(%d+) (%S+) (%d)$')
  deliver(queues[i], capacity, A[3] ~= '' and A[3] or policy, is_here, payload)
end
if tonumber(A[4]) > 0 then
  keep(group, payload, tonumber(A[4]), tonumber(A[5]), tonumber(A[6]))
end
return {place, elsewhere, outcomes}
