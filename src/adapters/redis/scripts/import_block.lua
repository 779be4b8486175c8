#!lua
-- Take over one block of the previous scheduler, unless its key has changed since it was read.
--
-- KEYS  1 our flag   2 our set of blocked users   3 the previous scheduler's key
-- ARGV  1 that key's value as read   2 user, '' for everybody
if redis.call('MGET', KEYS[3])[1] ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], '1')
if ARGV[2] ~= '' then redis.call('SADD', KEYS[2], ARGV[2]) end
return 1
