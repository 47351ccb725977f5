-- More queues than `tick` takes that a process waits at: their names.
for _, wanted in ipairs(A) do
  call('PEXPIRE', base .. 'want:' .. wanted, lease * 4)
end
return {0, elsewhere}
