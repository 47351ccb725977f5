-- The last messages of a group: group, how many (-1: all).
local history = {}
if A[2] ~= '0' then
  local first = A[2] == '-1' and 0 or -tonumber(A[2])
  for _, each in ipairs(call('LRANGE', base .. 'g:' .. A[1] .. ':h', first, -1)) do
    if struct.unpack('>d', each) > now then
      history[#history + 1] = string.sub(each, 9)
    end
  end
end
return {history, elsewhere}
