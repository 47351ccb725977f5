-- with inbox queues groups
-- The members of a group, or how many: group, 'list' or 'count'.
expire_group(A[1])
local key = base .. 'g:' .. A[1] .. ':m'
if A[2] == 'count' then
  return {call('ZCARD', key), elsewhere, outcomes}
end
return {call('ZRANGE', key, 0, -1), elsewhere, outcomes}
