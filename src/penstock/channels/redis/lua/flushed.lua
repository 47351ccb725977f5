-- with inbox
-- A process has emptied itself: who asked for it, token.
post(A[1], 'a', A[2])
return {0, elsewhere}
