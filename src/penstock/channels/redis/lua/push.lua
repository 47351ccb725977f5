-- with inbox queues groups
-- A message for a queue: channel, capacity, policy, payload.
return {push(A[1], tonumber(A[2]), A[3], A[4], 1), elsewhere, outcomes}
