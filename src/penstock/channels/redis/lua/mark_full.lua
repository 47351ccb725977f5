-- A channel of the caller is full: channel, milliseconds until a message in it expires. 0: it has room again.
if A[2] == '0' then
  call('DEL', base .. 'full:' .. A[1])
else
  call('SET', base .. 'full:' .. A[1], '1', 'PX', A[2])
end
return {0, elsewhere}
