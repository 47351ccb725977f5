-- Readers wait no more: wanted, milliseconds to acknowledge or '', how many (0: all). Returns how many were still waiting.
local reader = me .. (A[2] ~= '' and '+' .. A[2] or '')
return {call('LREM', base .. 'want:' .. A[1], A[3], reader), elsewhere}
