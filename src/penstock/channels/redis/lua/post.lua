-- with inbox
-- A message for a channel that another process reads: channel, payload. FULL where that process has said so.
if call('EXISTS', base .. 'full:' .. A[1]) == 1 then
  return {FULL, elsewhere}
end
post(owner_of(A[1]), 'c', A[1], 'm', A[2])
return {ACCEPTED, elsewhere}
