-- What every operation begins with. Redis runs a script whole before anything else, so that each operation is one
-- step for everybody and one round trip for its caller. KEYS[1] is what all keys of this shard begin with; it
-- carries a hash tag, so that a cluster keeps them in one place. Time is the server's, in milliseconds.
--
--   in:PROCESS       stream, what comes for a process; it lives as long as the process's lease
--   procs            when each process's lease ends            pm:PROCESS  its memberships, "group channel"
--   q:CHANNEL        list of records: deadline, attempt, payload    want:CHANNEL  processes that wait for one
--   fam:NAME!        channels of a family that hold messages, the longest not read first
--   closed:CHANNEL   the channel was closed and its reader does not know yet
--   g:GROUP:m        members, by when they joined              g:GROUP:p  processes, and how many members each has
--   g:GROUP:n        members that are queues, with capacity, policy and whether they are on this shard
--   g:GROUP:h        history      w:GROUP  watchers            cg:CHANNEL  the groups of a queue
--   later, later:m   delayed messages      work, work:m  leased work      queues, groups  all names, for tidying up
local base, me = KEYS[1], ARGV[1]
local expiry, group_expiry, lease = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local inbox_length, capacity_of_others, max_attempts = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local A = {unpack(ARGV, 8)}
local call = redis.call
local clock = call('TIME')
local micros = clock[1] * 1000000 + clock[2]
local now = math.floor(micros / 1000)
local elsewhere = {}  -- what belongs to channels of other shards: the caller takes it there
local BATCH = 500     -- of anything that is tidied up at once, so that no script holds the server up for long
local ACCEPTED, DROPPED, FULL, CLOSED = 0, 1, 2, 3

local function owner_of(channel)  -- the process that reads it, if its name tells
  local owner = string.match(channel, '%.(%x+)!')
  return owner and #owner == 24 and owner
end

local function family_of(channel)
  return string.match(channel, '^([^!]+!)')
end

local function post(process, ...)  -- false: it is dead
  local inbox = base .. 'in:' .. process
  if call('XLEN', inbox) >= inbox_length then
    call('INCR', base .. 'lost:' .. process)
    call('PEXPIRE', base .. 'lost:' .. process, lease * 4)
    return true
  end
  return call('XADD', inbox, 'NOMKSTREAM', '*', ...) and true or false
end

local function takes_more(process)
  local inbox = base .. 'in:' .. process
  return call('EXISTS', inbox) == 1 and call('XLEN', inbox) < inbox_length
end

-- Queues.

local function count_drop(channel, reason, count)
  if count > 0 then
    call('HINCRBY', base .. 'drops', channel .. ' ' .. reason, count)
  end
end

local function drop_expired(channel)
  local key, gone = base .. 'q:' .. channel, 0
  local first = call('LINDEX', key, 0)
  while first and struct.unpack('>d', first) <= now do
    call('LPOP', key)
    gone = gone + 1
    first = call('LINDEX', key, 0)
  end
  count_drop(channel, 'expired', gone)
end

local function lease_work(channel, record, ack)
  local token = tostring(call('INCR', base .. 'seq'))
  call('ZADD', base .. 'work', now + ack, token)
  call('HSET', base .. 'work:m', token, cmsgpack.pack({channel, record}))
  return token
end

local function hand(wanted, channel, record)  -- to the process that has waited longest
  while true do
    local reader = call('LPOP', base .. 'want:' .. wanted)
    if not reader then
      return false
    end
    local process, ack = string.match(reader, '^(%x+)%+?(%d*)$')
    if takes_more(process) then
      local token = ack ~= '' and lease_work(channel, record, tonumber(ack)) or ''
      post(process, 'q', channel, 'w', wanted .. (ack ~= '' and '+' or ''), 't', token, 'r', record)
      return true
    end
  end
end

local function hand_to_any(channel, record)
  local family = family_of(channel)
  return hand(channel, channel, record) or (family and hand(family, channel, record))
end

local function note_queue(channel)
  call('PEXPIRE', base .. 'q:' .. channel, expiry + 1000)
  call('ZADD', base .. 'queues', now, channel)
  local family = family_of(channel)
  if family then
    call('ZADD', base .. 'fam:' .. family, 'NX', micros, channel)
    call('PEXPIRE', base .. 'fam:' .. family, expiry + 1000)
  end
end

local leave

local function close_queue(channel)
  count_drop(channel, 'closed', call('LLEN', base .. 'q:' .. channel) + 1)
  call('DEL', base .. 'q:' .. channel)
  call('SET', base .. 'closed:' .. channel, '1', 'PX', expiry)
  for _, group in ipairs(call('SMEMBERS', base .. 'cg:' .. channel)) do
    leave(group, channel, 'closed')
  end
  return CLOSED
end

local function make_room(channel, policy)  -- what becomes of a message for a full queue
  local key = base .. 'q:' .. channel
  if policy == 'drop-oldest' then
    call('LPOP', key)
    count_drop(channel, 'oldest', 1)
    return ACCEPTED
  elseif policy == 'keep-latest' then
    count_drop(channel, 'latest', call('LLEN', key))
    call('DEL', key)
    return ACCEPTED
  elseif policy == 'close' then
    return close_queue(channel)
  elseif policy == 'drop-newest' then
    count_drop(channel, 'newest', 1)
    return DROPPED
  end
  return FULL
end

local function push(channel, capacity, policy, payload, attempt, forced)
  if call('EXISTS', base .. 'closed:' .. channel) == 1 then
    count_drop(channel, 'closed', 1)
    return CLOSED
  end
  drop_expired(channel)
  local record = struct.pack('>dI4', now + expiry, attempt) .. payload
  local length = call('LLEN', base .. 'q:' .. channel)
  if length == 0 and hand_to_any(channel, record) then
    return ACCEPTED
  end
  if length >= capacity and not forced then
    local outcome = make_room(channel, policy)
    if outcome ~= ACCEPTED then
      return outcome
    end
  end
  call('RPUSH', base .. 'q:' .. channel, record)
  note_queue(channel)
  return ACCEPTED
end

local function push_or_count(channel, capacity, policy, payload)  -- where nobody can be told
  if push(channel, capacity, policy, payload, 1) == FULL then
    count_drop(channel, 'full', 1)
  end
end

local function pop(channel)
  if call('DEL', base .. 'closed:' .. channel) == 1 then
    return 'closed'
  end
  drop_expired(channel)
  return call('LPOP', base .. 'q:' .. channel)
end

local function pop_family(family)
  local key = base .. 'fam:' .. family
  while true do
    local channel = call('ZPOPMIN', key)[1]
    if not channel then
      return false
    end
    local record = pop(channel)
    if record then
      if call('LLEN', base .. 'q:' .. channel) > 0 then
        call('ZADD', key, micros, channel)
      end
      return channel, record
    end
  end
end

local function work_again(channel, record)  -- it was not acknowledged
  local _, attempt = struct.unpack('>dI4', record)
  local payload = string.sub(record, 13)
  if attempt >= max_attempts then
    push(channel .. '.dead', capacity_of_others, 'drop-oldest', payload, 1)
  else
    push(channel, 0, '', payload, attempt + 1, true)
  end
end

-- Groups.

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
