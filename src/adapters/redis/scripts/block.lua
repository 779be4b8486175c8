#!lua flags=allow-oom
-- Set or lift a block, in our own flags and in the keys that the previous scheduler reads (contract §5).
-- Those are JSON documents, which are compared and set as bytes and never rewritten here. A block that has an end ends by
-- itself, for our flag and the user's key expire; what is left to tidy up then is found in the set of ends.
--
-- KEYS  1 our flag: a string, there while the block holds (block_flags.py)   2 our set of blocked users
--       3 blocks:all   4 our sorted set of ends: user, '' for everybody -> end in ms
--       5 blocks:user:<user> (only where ARGV[2] names a user)
-- ARGV  1 the flag to block, '' to enable   2 user, '' for everybody
--       3 blocks:all as read, '' where there was none   4 new blocks:all   5 new blocks:user:<user>
--       6 end of the block in ms, '' for none   7 '1' to enable only if the block has ended by itself
-- Returns 1, or 0 where blocks:all is not as read.
local flag, user, ends = ARGV[1], ARGV[2], ARGV[6]
if ARGV[7] == '1' and redis.call('EXISTS', KEYS[1]) == 1 then return 1 end
if (redis.call('MGET', KEYS[3])[1] or '') ~= ARGV[3] then return 0 end

local expiry = {}
if ends ~= '' then expiry = {'PXAT', ends} end
if flag ~= '' then redis.call('SET', KEYS[1], flag, unpack(expiry)) else redis.call('DEL', KEYS[1]) end
redis.call('SET', KEYS[3], ARGV[4])
if user ~= '' then
  redis.call(flag ~= '' and 'SADD' or 'SREM', KEYS[2], user)
  redis.call('SET', KEYS[5], ARGV[5], unpack(expiry))
end
if ends ~= '' then redis.call('ZADD', KEYS[4], ends, user) else redis.call('ZREM', KEYS[4], user) end
return 1
