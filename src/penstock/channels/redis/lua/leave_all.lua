-- with inbox queues groups
-- A queue of another shard leaves all groups of this one: channel, reason.
leave_all(A[1], A[2])
return {0, elsewhere, outcomes}
