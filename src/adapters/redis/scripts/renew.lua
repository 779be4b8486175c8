#!lua flags=allow-oom
-- Extend leases by this server's clock. 0 ms ends them now.
--
-- ARGV  1 prefix   2 lease in ms   then per lease: task id, epoch, nonce
-- Returns the ids whose lease is no longer the given one.
local HEADER_BYTES = 512
local ends = now_ms() + tonumber(ARGV[2])
local lost = {}
for i = 3, #ARGV, 3 do
  local id = ARGV[i]
  -- The ledger may be large: only its first line is wanted.
  local ledger = redis.call('GETRANGE', task_key(id), 0, HEADER_BYTES)
  local _, _, epoch, nonce = parse_header(ledger)
  if epoch == tonumber(ARGV[i + 1]) and nonce == ARGV[i + 2] then
    redis.call('ZADD', LIVE, ends, id)
  else
    lost[#lost + 1] = id
  end
end
return lost
