-- with inbox queues groups
-- Somebody answers for a piece of work: token, what ('ack', 'retry', 'reject'), milliseconds. 0: it was too late.
local packed = call('HGET', base .. 'work:m', A[1])
if not packed or call('ZREM', base .. 'work', A[1]) == 0 then
  return {0, elsewhere}
end
call('HDEL', base .. 'work:m', A[1])
local channel, record = unpack(cmsgpack.unpack(packed))
local _, attempt = struct.unpack('>dI4', record)
if A[2] == 'reject' then
  push(channel .. '.dead', capacity_of_others, 'drop-oldest', string.sub(record, 13), 1)
elseif A[2] == 'retry' and tonumber(A[3]) > 0 and attempt < max_attempts then
  local token = 'again.' .. A[1]
  call('ZADD', base .. 'later', now + A[3], token)
  call('HSET', base .. 'later:m', token, cmsgpack.pack({channel, '0', '', string.sub(record, 13), attempt + 1}))
elseif A[2] == 'retry' then
  work_again(channel, record)
end
return {1, elsewhere, outcomes}
