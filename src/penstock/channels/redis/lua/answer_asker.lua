-- with inbox
-- What a process that asked all others is told by one of them: who asked, token, answer.
post(A[1], 'a', A[2], 'm', A[3])
return {0, elsewhere}
