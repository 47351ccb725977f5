-- with inbox queues groups
-- Channels leave groups: reason, pairs of group and channel.
for i = 2, #A, 2 do
  expire_group(A[i])
  leave(A[i], A[i + 1], A[1])
end
return {0, elsewhere, outcomes}
