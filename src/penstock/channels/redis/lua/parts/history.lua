-- History: a list for each group, so many bytes of all together.
local function count_kept(group, bytes)
  call('HINCRBY', base .. 'kept:b', group, bytes)
  call('HINCRBY', base .. 'kept:b', '', bytes)
end

local function note_oldest(group)
  local first = call('LINDEX', base .. 'g:' .. group .. ':h', 0)
  if first then
    call('ZADD', base .. 'kept', struct.unpack('>d', first), group)
  else  -- all of it is gone, by a time to live perhaps
    count_kept(group, 0 - tonumber(call('HGET', base .. 'kept:b', group) or 0))
    call('HDEL', base .. 'kept:b', group)
    call('ZREM', base .. 'kept', group)
  end
end

local function drop_kept(group)
  local gone = call('LPOP', base .. 'g:' .. group .. ':h')
  if gone then
    count_kept(group, -#gone)
  end
  note_oldest(group)
end

local function keep(group, payload, length, milliseconds, most_bytes)
  local key = base .. 'g:' .. group .. ':h'
  if call('EXISTS', key) == 0 then
    note_oldest(group)
  end
  local record = struct.pack('>d', micros / 1000 + milliseconds) .. payload  -- so exact that it tells an order
  local kept = call('RPUSH', key, record)
  call('PEXPIRE', key, milliseconds)
  call('ZADD', base .. 'groups', 'NX', now + milliseconds, group)
  count_kept(group, #record)
  note_oldest(group)
  for _ = 1, math.min(kept - length, BATCH) do
    drop_kept(group)
  end
  for _ = 1, BATCH do
    local first = call('ZRANGE', base .. 'kept', 0, 0, 'WITHSCORES')
    if not first[1] or (tonumber(first[2]) > now and tonumber(call('HGET', base .. 'kept:b', '')) <= most_bytes) then
      return
    end
    drop_kept(first[1])
  end
end
