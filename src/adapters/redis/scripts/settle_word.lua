#!lua flags=allow-oom
-- Say what came of a notification that was claimed; outbox.lua has the keys. Said twice it changes nothing more.
--
-- KEYS  1 notifications   2 when each is due
-- ARGV  1 id   2 the try that it was claimed for   3 in how many ms it is due again, '' to forget it
--       4 why the try failed, '' where it did not
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local word = redis.call('HGET', KEYS[1], ARGV[1])
if not word then return 0 end
if ARGV[4] ~= '' then redis.call('HSET', KEYS[1], 'failure', string.format('%d ', now) .. ARGV[4]) end
if ARGV[3] == '' then
  redis.call('ZREM', KEYS[2], ARGV[1])
  redis.call('HDEL', KEYS[1], ARGV[1])
elseif string.match(word, '^%d+') == ARGV[2] then
  redis.call('ZADD', KEYS[2], 'XX', now + tonumber(ARGV[3]), ARGV[1])
end
return 1
