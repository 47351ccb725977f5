-- with inbox queues groups
-- Everything goes: token. Every process is told, and answers with the token. Returns how many were.
for _, channel in ipairs(call('ZRANGE', base .. 'queues', 0, -1)) do
  call('DEL', base .. 'q:' .. channel, base .. 'closed:' .. channel)
  if family_of(channel) then
    call('DEL', base .. 'fam:' .. family_of(channel))
  end
end
for _, group in ipairs(call('ZRANGE', base .. 'groups', 0, -1)) do
  local key = base .. 'g:' .. group
  for _, channel in ipairs(call('HKEYS', key .. ':n')) do
    call('DEL', base .. 'cg:' .. channel)
  end
  call('DEL', key .. ':m', key .. ':p', key .. ':n', key .. ':h', base .. 'w:' .. group)
end
for _, name in ipairs({'queues', 'groups', 'later', 'later:m', 'work', 'work:m', 'drops', 'kept', 'kept:b'}) do
  call('DEL', base .. name)
end
local told = 0
for _, process in ipairs(call('ZRANGE', base .. 'procs', 0, -1)) do
  call('DEL', base .. 'pm:' .. process)
  if post(process, 'f', A[1], 'b', me) then
    told = told + 1
  end
end
return {told, elsewhere}
