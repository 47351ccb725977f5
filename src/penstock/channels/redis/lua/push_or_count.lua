-- with inbox queues groups
-- The same where nobody can be told that the queue is full.
push_or_count(A[1], tonumber(A[2]), A[3], A[4])
return {0, elsewhere, outcomes}
