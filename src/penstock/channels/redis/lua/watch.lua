-- with inbox queues groups
-- Somebody wants to know who joins and leaves: group, channel, about a queue. An empty third ends it.
local key = base .. 'w:' .. A[1]
if A[3] == '' then
  call('HDEL', key, A[2])
else
  expire_group(A[1])
  call('HSET', key, A[2], string.format('%.0f', now + group_expiry) .. ' ' .. A[3])
  call('PEXPIRE', key, group_expiry + 60000)
  call('ZADD', base .. 'groups', 'NX', now + group_expiry, A[1])
end
return {0, elsewhere, outcomes}
