#!lua flags=allow-oom
-- Take notifications of one route that are due, for a while in which nobody else gets them; outbox.lua has the keys.
--
-- KEYS  1 notifications   2 when each is due
-- ARGV  1 how many at most   2 for how long they are held, in ms
-- Returns {id, tries, age in ms, body} for each.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local taken = {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[2], '-inf', now, 'BYSCORE', 'LIMIT', 0, ARGV[1])) do
  local tries, written, body = string.match(redis.call('HGET', KEYS[1], id) or '', '^(%d+) (%d+)\n(.*)$')
  if tries then
    tries = tonumber(tries) + 1
    redis.call('HSET', KEYS[1], id, string.format('%d %d\n', tries, tonumber(written)) .. body)
    redis.call('ZADD', KEYS[2], now + tonumber(ARGV[2]), id)
    taken[#taken + 1] = {id, tries, now - tonumber(written), body}
  else
    redis.call('ZREM', KEYS[2], id)  -- one key may have expired before the other
  end
end
return taken
