#!lua flags=allow-oom
-- Drain all replicas or one by name, or lift that drain.
--
-- KEYS  1 our flag of a drain of all   2 our set of replicas that are drained by name
-- ARGV  1 '1' to drain, '0' to go on   2 name of the replica, '' for all   3 most replicas drained by name
-- Returns 1, or 0 where that many are drained by name already.
local drained, name = ARGV[1] == '1', ARGV[2]
if name == '' then
  if drained then redis.call('SET', KEYS[1], '1') else redis.call('DEL', KEYS[1]) end
elseif not drained then
  redis.call('SREM', KEYS[2], name)
elseif redis.call('SISMEMBER', KEYS[2], name) == 0 then
  if redis.call('SCARD', KEYS[2]) >= tonumber(ARGV[3]) then return 0 end
  redis.call('SADD', KEYS[2], name)
end
return 1
