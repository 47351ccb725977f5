-- with inbox queues groups
-- Memberships, once more: group, channel, about a queue, and so on.
for i = 1, #A, 3 do
  join(A[i], A[i + 1], A[i + 2])
end
return {0, elsewhere, outcomes}
