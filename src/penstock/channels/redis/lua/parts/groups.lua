-- Groups: members, watchers, and what a process leaves behind.
local function deliver(channel, capacity, policy, is_here, payload)
  local owner = owner_of(channel)
  if owner then
    return post(owner, 'c', channel, 'm', payload)
  elseif is_here == '1' then
    push_or_count(channel, tonumber(capacity), policy, payload)
  else
    elsewhere[#elsewhere + 1] = {channel, capacity, policy, payload}
  end
  return true
end

local function tell(group, kind, channel, reason)
  local key = base .. 'w:' .. group
  local watches = call('HGETALL', key)
  for i = 1, #watches, 2 do
    local ends, capacity, policy, is_here = string.match(watches[i + 1], '^(%d+) (%d+) (%S+) (%d)$')
    local payload = 'p' .. cmsgpack.pack({kind, group, channel, reason})
    if tonumber(ends) <= now or not deliver(watches[i], capacity, policy, is_here, payload) then
      call('HDEL', key, watches[i])
    end
  end
end

local function join(group, channel, about)
  local key = base .. 'g:' .. group
  local is_new = call('ZADD', key .. ':m', micros, channel) == 1
  call('ZADD', base .. 'groups', 'NX', now + group_expiry, group)
  local owner = owner_of(channel)
  if owner and is_new then
    call('HINCRBY', key .. ':p', owner, 1)
    call('SADD', base .. 'pm:' .. owner, group .. ' ' .. channel)
  elseif not owner then
    call('HSET', key .. ':n', channel, about)
    call('SADD', base .. 'cg:' .. channel, group)
    call('PEXPIRE', base .. 'cg:' .. channel, group_expiry + 60000)
  end
  if is_new then
    tell(group, 'join', channel, '')
  end
  return owner
end

leave = function(group, channel, reason)
  local key = base .. 'g:' .. group
  if call('ZREM', key .. ':m', channel) == 0 then
    return
  end
  local owner = owner_of(channel)
  if owner then
    if call('HINCRBY', key .. ':p', owner, -1) <= 0 then
      call('HDEL', key .. ':p', owner)
    end
    call('SREM', base .. 'pm:' .. owner, group .. ' ' .. channel)
    if owner ~= me or reason == 'expired' then
      post(owner, 'l', group, 'n', channel)
    end
  else
    call('HDEL', key .. ':n', channel)
    call('SREM', base .. 'cg:' .. channel, group)
  end
  tell(group, 'leave', channel, reason)
end

local function expire_group(group)
  local key = base .. 'g:' .. group .. ':m'
  local oldest = micros - group_expiry * 1000
  repeat
    local gone = call('ZRANGEBYSCORE', key, '-inf', oldest, 'LIMIT', 0, BATCH)
    for _, channel in ipairs(gone) do
      leave(group, channel, 'expired')
    end
  until #gone < BATCH
end

local function reap(process, reason)  -- it is there no more; false: there is more to do
  local memberships = call('SPOP', base .. 'pm:' .. process, BATCH)
  for _, each in ipairs(memberships) do
    local group, channel = string.match(each, '^(%S+) (%S+)$')
    leave(group, channel, reason)
  end
  if #memberships < BATCH then
    call('ZREM', base .. 'procs', process)
    return true
  end
  return false
end
