-- with inbox queues groups
-- The next message of a queue or of a family: wanted, milliseconds to acknowledge or ''. Where there is none the process is
-- noted as one that waits. Returns the channel, a token for acknowledging, and the record.
local wanted, ack = A[1], A[2]
local channel, record
if string.sub(wanted, -1) == '!' then
  channel, record = pop_family(wanted)
else
  channel, record = wanted, pop(wanted)
end
if record then
  local token = (ack ~= '' and record ~= 'closed') and lease_work(channel, record, tonumber(ack)) or ''
  return {{channel, token, record}, elsewhere}
end
call('RPUSH', base .. 'want:' .. wanted, me .. (ack ~= '' and '+' .. ack or ''))
call('PEXPIRE', base .. 'want:' .. wanted, lease * 4)
return {{}, elsewhere}
