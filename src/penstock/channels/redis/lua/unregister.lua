-- with inbox queues groups
-- A process leaves. Returns 1 when nothing of it is left, 0 when the caller has to ask again.
call('DEL', base .. 'in:' .. me)
return {reap(me, 'discarded') and 1 or 0, elsewhere, outcomes}
