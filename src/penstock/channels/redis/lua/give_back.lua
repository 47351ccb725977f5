-- with inbox queues groups
-- A message that nobody took: channel, token, record. It goes to the next who waits, or in front.
if A[2] ~= '' then
  if call('ZREM', base .. 'work', A[2]) == 0 then
    return {0, elsewhere}
  end
  call('HDEL', base .. 'work:m', A[2])
end
if struct.unpack('>d', A[3]) > now and not hand_to_any(A[1], A[3]) then
  call('LPUSH', base .. 'q:' .. A[1], A[3])
  note_queue(A[1])
end
return {1, elsewhere}
