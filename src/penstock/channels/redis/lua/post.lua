-- A message for a channel that another process reads: channel, payload. 1: it is on its way.
return {post(owner_of(A[1]), 'c', A[1], 'm', A[2]) and 1 or 0, elsewhere}
