-- with inbox queues groups
-- A process lives: queues that it waits at, or the first of them (see wanted.lua). Whoever comes by does what has become
-- due. Returns whether its lease still held, the time, when something is due next (0: nothing), what its inbox could not
-- take, and whether there is more to do.
local alive = call('PEXPIRE', base .. 'in:' .. me, lease)
if alive == 1 then
  call('ZADD', base .. 'procs', now + lease, me)
end
for _, wanted in ipairs(A) do
  call('PEXPIRE', base .. 'want:' .. wanted, lease * 4)
end
local more = 0
for _, process in ipairs(call('ZRANGEBYSCORE', base .. 'procs', '-inf', now, 'LIMIT', 0, 4)) do
  if not reap(process, 'lost') then
    more = 1
  end
end
local due = call('ZRANGEBYSCORE', base .. 'later', '-inf', now, 'LIMIT', 0, BATCH)
for _, token in ipairs(due) do
  local channel, capacity, policy, payload, attempt = unpack(cmsgpack.unpack(call('HGET', base .. 'later:m', token)))
  call('ZREM', base .. 'later', token)
  call('HDEL', base .. 'later:m', token)
  if attempt > 1 then
    push(channel, 0, '', payload, attempt, true)
  else
    deliver(channel, capacity, policy, '1', payload)
  end
end
local lapsed = call('ZRANGEBYSCORE', base .. 'work', '-inf', now, 'LIMIT', 0, BATCH)
for _, token in ipairs(lapsed) do
  local channel, record = unpack(cmsgpack.unpack(call('HGET', base .. 'work:m', token)))
  call('ZREM', base .. 'work', token)
  call('HDEL', base .. 'work:m', token)
  work_again(channel, record)
end
for _, group in ipairs(call('ZRANGEBYSCORE', base .. 'groups', '-inf', now, 'LIMIT', 0, BATCH)) do
  local key = base .. 'g:' .. group
  expire_group(group)
  local first = call('ZRANGE', key .. ':m', 0, 0, 'WITHSCORES')[2]
  local rest = math.max(call('PTTL', key .. ':h'), call('PTTL', base .. 'w:' .. group))
  if first then
    call('ZADD', base .. 'groups', math.floor(first / 1000) + group_expiry + 1, group)
  elseif rest > 0 then
    call('ZADD', base .. 'groups', now + rest, group)
  else
    call('ZREM', base .. 'groups', group)
  end
end
for _, channel in ipairs(call('ZRANGEBYSCORE', base .. 'queues', '-inf', now - 2 * expiry, 'LIMIT', 0, BATCH)) do
  leave_if_unread(channel, drop_expired(channel))
  call('ZREM', base .. 'queues', channel)
  for _, reason in ipairs({'expired', 'full', 'oldest', 'newest', 'latest', 'closed'}) do
    call('HDEL', base .. 'drops', channel .. ' ' .. reason)
  end
end
local next_due = 0
for _, name in ipairs({'later', 'work', 'groups'}) do
  local first = call('ZRANGE', base .. name, 0, 0, 'WITHSCORES')[2]
  if first and (next_due == 0 or tonumber(first) < next_due) then
    next_due = tonumber(first)
  end
end
if #due == BATCH or #lapsed == BATCH then
  more = 1
end
return {{alive, now, next_due, tonumber(call('GETDEL', base .. 'lost:' .. me) or 0), more}, elsewhere, outcomes}
