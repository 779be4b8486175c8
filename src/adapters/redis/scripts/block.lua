#!lua flags=allow-oom
-- Set or lift a block, in our own flags and in the keys that the previous scheduler reads (contract §5).
-- Those are JSON documents, which are compared and set as bytes and never rewritten here.
--
-- KEYS  1 our flag: a string, there while the block holds, which may tell why   2 our set of blocked users
--       3 blocks:all   4 blocks:user:<user> (only where ARGV[2] names a user)
-- ARGV  1 the flag to block, '' to enable   2 user, '' for everybody
--       3 blocks:all as read, '' where there was none   4 new blocks:all   5 new blocks:user:<user>
-- Returns 1, or 0 where blocks:all is not as read.
if (redis.call('MGET', KEYS[3])[1] or '') ~= ARGV[3] then return 0 end
if ARGV[1] ~= '' then redis.call('SET', KEYS[1], ARGV[1]) else redis.call('DEL', KEYS[1]) end
redis.call('SET', KEYS[3], ARGV[4])
if ARGV[2] ~= '' then
  redis.call(ARGV[1] ~= '' and 'SADD' or 'SREM', KEYS[2], ARGV[2])
  redis.call('SET', KEYS[4], ARGV[5])
end
return 1
