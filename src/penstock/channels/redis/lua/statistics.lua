-- with inbox queues groups
-- Of one queue, or of all when none is named: how many messages wait, when the oldest ends (0: none), and pairs of
-- what was dropped why. With the token all processes are asked for what they know, but those named behind it, who are
-- told too: the names. Nobody's inbox is filled up by it, and who has missed its time to say that it lives is not asked.
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
local passed_over = {}
for i = 3, #A do
  passed_over[A[i]] = true
end
local asked = {}
for _, process in ipairs(call('ZRANGEBYSCORE', base .. 'procs', now + lease / 2, '+inf')) do
  if not passed_over[process] and takes_more(process) then
    post(process, 's', A[1], 't', A[2], 'b', me)
    asked[#asked + 1] = process
  end
end
local queues = {pending, oldest > 0 and math.floor(oldest - now) or 0, drops, oldest > 0 and 1 or 0}
return {{queues, asked}, elsewhere, outcomes}
