-- A process is there. Returns whether it was known before, the time, what the server's memory is called since it was
-- empty, and what the newest entry of the inbox is or was.
local function newest_of(inbox)
  local about = call('XINFO', 'STREAM', inbox)
  for i = 1, #about, 2 do
    if about[i] == 'last-generated-id' then
      return about[i + 1]
    end
  end
end
local inbox = base .. 'in:' .. me
local was_known = call('EXISTS', inbox)
if was_known == 0 then
  call('XADD', inbox, '*', 'h', '1')
end
call('PEXPIRE', inbox, lease)
call('ZADD', base .. 'procs', now + lease, me)
call('SETNX', base .. 'era', me .. ' ' .. now)
return {{was_known, now, call('GET', base .. 'era'), newest_of(inbox)}, elsewhere}
