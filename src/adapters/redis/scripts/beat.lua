#!lua flags=allow-oom
-- Write a watch's beat, also when Redis is out of memory: the watch must not go blind then.
--
-- KEYS  1 the beat    ARGV  1 how long it stays, in ms
redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
