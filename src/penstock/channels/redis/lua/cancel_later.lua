call('HDEL', base .. 'later:m', A[1])
return {call('ZREM', base .. 'later', A[1]), elsewhere}
