-- Queues: channels that any process may read.
local outcomes = {}  -- channel, what has become of it or of a message for it, and so on: the caller counts them

local function note(channel, outcome)
  outcomes[#outcomes + 1] = channel
  outcomes[#outcomes + 1] = outcome
end

local function count_drop(channel, reason, count)
  if count > 0 then
    call('HINCRBY', base .. 'drops', channel .. ' ' .. reason, count)
    call('HINCRBY', base .. 'drops', ' ' .. reason, count)
  end
end

local leave

local function drop_expired(channel)  -- returns how many there were
  local key, gone = base .. 'q:' .. channel, 0
  local first = call('LINDEX', key, 0)
  while first and struct.unpack('>d', first) <= now do
    call('LPOP', key)
    gone = gone + 1
    first = call('LINDEX', key, 0)
  end
  count_drop(channel, 'expired', gone)
  return gone
end

local function leave_all(channel, reason)
  for _, group in ipairs(call('SMEMBERS', base .. 'cg:' .. channel)) do
    leave(group, channel, reason)
  end
end

local function leave_if_unread(channel, gone)  -- so many have expired there, and nobody waits for one
  if gone > 0 and call('EXISTS', base .. 'taken:' .. channel) == 0 then
    leave_all(channel, 'unread')
    note(channel, FORSAKEN)
  end
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
  call('PEXPIRE', base .. 'q:' .. channel, 3 * expiry + 4 * lease)  -- `tick` has come by: nobody read it
  call('ZADD', base .. 'queues', now, channel)
  local family = family_of(channel)
  if family then
    call('ZADD', base .. 'fam:' .. family, 'NX', micros, channel)
    call('PEXPIRE', base .. 'fam:' .. family, expiry + 1000)
  end
end

local function close_queue(channel)
  count_drop(channel, 'closed', call('LLEN', base .. 'q:' .. channel) + 1)
  call('DEL', base .. 'q:' .. channel)
  call('SET', base .. 'closed:' .. channel, '1', 'PX', expiry)
  leave_all(channel, 'closed')
  note(channel, SHUT)
  return CLOSED
end

local function make_room(channel, policy)  -- what becomes of a message for a full queue
  local key = base .. 'q:' .. channel
  if policy == 'drop-oldest' then
    call('LPOP', key)
    count_drop(channel, 'oldest', 1)
    note(channel, CROWDED)
    return ACCEPTED
  elseif policy == 'keep-latest' then
    count_drop(channel, 'latest', call('LLEN', key))
    call('DEL', key)
    note(channel, CROWDED)
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
  local gone = drop_expired(channel)
  local record = struct.pack('>dI4', now + expiry, attempt) .. payload
  local length = call('LLEN', base .. 'q:' .. channel)
  if length == 0 and hand_to_any(channel, record) then
    return ACCEPTED
  end
  leave_if_unread(channel, gone)
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
  local outcome = push(channel, capacity, policy, payload, 1)
  note(channel, outcome)
  if outcome == FULL then
    count_drop(channel, 'full', 1)
  end
end

local function pop(channel)
  if call('DEL', base .. 'closed:' .. channel) == 1 then
    return 'closed'
  end
  drop_expired(channel)
  local record = call('LPOP', base .. 'q:' .. channel)
  if record and call('EXISTS', base .. 'q:' .. channel) == 1 then  -- else all that may expire comes after this
    call('SET', base .. 'taken:' .. channel, '1', 'PX', expiry)
  end
  return record
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
