-- Notifications of tasks that have ended (ADR 18), for the scripts that this file stands in front of. For each route:
--
--   <prefix>outbox:<route>       hash   id -> "<tries> <written, in ms of the server's clock>\n<body>"; besides, "dropped" ->
--                                       how many found no room, and "failure" -> "<ms> <why the latest try failed>"
--   <prefix>outbox-due:<route>   zset   id -> when it is to be tried, in ms; those in somebody's hands when the hold ends
--
-- No id is "dropped" or "failure": each begins with "dms_". Needs now_ms and prefix of queue.lua.
local MOST_WAITING, KEPT_MS = 10000, 7 * 86400000

-- Write a notification. Both keys go a week after the latest one, so that a route which is no longer
-- in anybody's settings is forgotten; all others have been tried for the last time by then.
local function leave_word(notification)
  local route, id, body = string.match(notification, '^(%S+) (%S+)\n(.*)$')
  local words, due = prefix .. 'outbox:' .. route, prefix .. 'outbox-due:' .. route
  if redis.call('ZCARD', due) < MOST_WAITING then
    local now = now_ms()
    redis.call('HSET', words, id, string.format('0 %d\n', now) .. body)
    redis.call('ZADD', due, now, id)
  else
    redis.call('HINCRBY', words, 'dropped', 1)
  end
  redis.call('PEXPIRE', words, KEPT_MS)
  redis.call('PEXPIRE', due, KEPT_MS)
end

