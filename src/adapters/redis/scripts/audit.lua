#!lua flags=allow-oom
-- Add an event to the audit, and to what is known of its task. One that was added just now, by a call whose answer got
-- lost, is not added again. The oldest events make room, so it may be done without memory to spare too.
--
-- KEYS  1 the audit: a stream, fields "id" (the event's nonce) and "event" (JSON)
--       2 the same of one task (only where the event is about a task)
-- ARGV  1 nonce   2 event   3 events that are kept   4 events of one task that are kept   5 for how long those, in ms
local LOOKED_AT = 64  -- events that others may have added since
local function is_there(stream)
  for _, entry in ipairs(redis.call('XREVRANGE', stream, '+', '-', 'COUNT', LOOKED_AT)) do
    if entry[2][2] == ARGV[1] then return true end
  end
  return false
end

for i, stream in ipairs(KEYS) do
  if not is_there(stream) then
    redis.call('XADD', stream, 'MAXLEN', '=', ARGV[2 + i], '*', 'id', ARGV[1], 'event', ARGV[2])
  end
end
if KEYS[2] then redis.call('PEXPIRE', KEYS[2], ARGV[5]) end
return 1
