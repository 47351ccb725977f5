-- A process is there. Returns whether it was known before, the time, and whether the server has nothing of anybody.
local inbox = base .. 'in:' .. me
local was_known = call('EXISTS', inbox)
if was_known == 0 then
  call('XADD', inbox, '*', 'h', '1')
end
call('PEXPIRE', inbox, lease)
call('ZADD', base .. 'procs', now + lease, me)
return {{was_known, now, call('SETNX', base .. 'era', '1')}, elsewhere}
