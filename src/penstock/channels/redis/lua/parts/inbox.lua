-- Inboxes: what a process is told.
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
