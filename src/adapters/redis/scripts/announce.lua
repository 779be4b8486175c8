#!lua flags=allow-oom
-- Note that a process is there, and tell it whether it is drained; also when Redis is out of memory, for a drain must be
-- heard of then as well.
--
-- KEYS  1 what the process says of itself: a string, there while it is   2 our set of owners
--       3 our flag of a drain of all   4 our set of replicas that are drained by name
-- ARGV  1 owner   2 name of its replica   3 what it says of itself, JSON   4 how long that holds, in ms
-- Returns 1 if it is drained, by whichever drain, else 0.
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
redis.call('SADD', KEYS[2], ARGV[1])
if redis.call('EXISTS', KEYS[3]) == 1 then return 1 end
return redis.call('SISMEMBER', KEYS[4], ARGV[2])
