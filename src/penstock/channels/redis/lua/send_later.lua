-- A message for later: token, milliseconds, how many may wait, channel, capacity, policy, payload.
if call('ZCARD', base .. 'later') >= tonumber(A[3]) then
  return {0, elsewhere}
end
call('ZADD', base .. 'later', now + A[2], A[1])
call('HSET', base .. 'later:m', A[1], cmsgpack.pack({A[4], A[5], A[6], A[7], 1}))
return {1, elsewhere}
