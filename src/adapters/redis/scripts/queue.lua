-- The dispatch queue (design §4), shared by the scripts that move tasks in it. All keys begin with ARGV[1], the prefix.
-- A lane is "<priority>:<service>"; services and users are percent-encoded, so no name holds a colon.
--
--   <prefix>queue:<lane>:<user>   zset   task id -> order            the FIFO of one lane and user
--   <prefix>ready:<lane>          zset   "<order of head>:<user>" -> tasks that the user has at work
--   <prefix>user:<user>           hash   "running" -> tasks at work; <lane> -> order of the user's head there, or ''
--   <prefix>counts                hash   "seq" -> last order given; "waiting:<lane>", "running:<service>", "delayed"
--   <prefix>delayed               zset   "<lane>:<user>:<order>:<id>" -> due, in ms of the server's clock
--   <prefix>live                  zset   id of a live task -> end of its lease in ms of the server's clock, 0 while it waits
--   <prefix>ended                 zset   id of a terminal task -> when it ended, in ms
--   <prefix>task:<id>             string "<version> <order> <epoch> <nonce> <owner>\n<ledger as JSON>"; nonce and owner
--                                        are "-" while nobody holds a lease
--   <prefix>events                channel "work" (something may be claimed), "task <id>" (its owner must look)
--
-- A ready set sorts by (tasks at work, order of head): numbers of equal size sort by their members' text, whose order
-- is zero-padded. So its first member is who goes next, and two levels need no packing into one double.
local prefix = ARGV[1]
local COUNTS, LIVE, ENDED = prefix .. 'counts', prefix .. 'live', prefix .. 'ended'
local DELAYED, EVENTS = prefix .. 'delayed', prefix .. 'events'

local function queue_key(lane, user) return prefix .. 'queue:' .. lane .. ':' .. user end
local function ready_key(lane) return prefix .. 'ready:' .. lane end
local function user_key(user) return prefix .. 'user:' .. user end
local function task_key(id) return prefix .. 'task:' .. id end
local function ready_member(order, user) return string.format('%016d:%s', order, user) end

local function parse_header(ledger)
  local version, order, epoch, nonce, owner, body =
    string.match(ledger, '^(%d+) (%d+) (%d+) (%S+) (%S+)\n()')
  return tonumber(version), tonumber(order), tonumber(epoch), nonce, owner, body
end

local function header(version, order, epoch, nonce, owner)
  return string.format('%d %d %d %s %s\n', version, order, epoch, nonce, owner)
end

-- Put a task into its lane. A smaller order than the present head's makes it the head.
local function enqueue(lane, user, order, id)
  redis.call('ZADD', queue_key(lane, user), order, id)
  local known = redis.call('HMGET', user_key(user), 'running', lane)
  local running, head = known[1] or 0, tonumber(known[2])
  if not head or order < head then
    if head then redis.call('ZREM', ready_key(lane), ready_member(head, user)) end
    redis.call('ZADD', ready_key(lane), running, ready_member(order, user))
    redis.call('HSET', user_key(user), lane, order)
  end
  redis.call('HINCRBY', COUNTS, 'waiting:' .. lane, 1)
end

-- Take a task out of its lane, wherever it stands there.
local function dequeue(lane, user, order, id)
  redis.call('ZREM', queue_key(lane, user), id)
  redis.call('HINCRBY', COUNTS, 'waiting:' .. lane, -1)
  local known = redis.call('HMGET', user_key(user), 'running', lane)
  if tonumber(known[2]) ~= order then return end
  redis.call('ZREM', ready_key(lane), ready_member(order, user))
  local head = redis.call('ZRANGE', queue_key(lane, user), 0, 0, 'WITHSCORES')
  if head[2] then
    redis.call('ZADD', ready_key(lane), known[1] or 0, ready_member(head[2], user))
    redis.call('HSET', user_key(user), lane, head[2])
  else
    redis.call('HDEL', user_key(user), lane)
  end
end

-- Count one task of a user that came to work (+1) or left it (-1), and move the user in the ready sets.
local function count_user(user, change)
  local known = redis.call('HGETALL', user_key(user))
  local running, lanes = change, {}
  for i = 1, #known, 2 do
    if known[i] == 'running' then running = tonumber(known[i + 1]) + change
    elseif known[i + 1] ~= '' then lanes[known[i]] = known[i + 1] end
  end
  for lane, head in pairs(lanes) do
    redis.call('ZADD', ready_key(lane), running, ready_member(head, user))
  end
  if running > 0 then redis.call('HSET', user_key(user), 'running', running)
  elseif next(lanes) then redis.call('HDEL', user_key(user), 'running')
  else redis.call('DEL', user_key(user)) end
end

local function service_of(lane) return string.match(lane, ':(.*)$') end

local function delayed_member(lane, user, order, id)
  return string.format('%s:%s:%d:%s', lane, user, order, id)
end

local function now_ms()
  local now = redis.call('TIME')
  return tonumber(now[1]) * 1000 + math.floor(tonumber(now[2]) / 1000)
end

local function something_waits(counts)
  for field, count in pairs(counts) do
    if string.sub(field, 1, 8) == 'waiting:' and count > 0 then return true end
  end
  return false
end

local function read_counts()
  local flat, counts = redis.call('HGETALL', COUNTS), {}
  for i = 1, #flat, 2 do counts[flat[i]] = tonumber(flat[i + 1]) end
  return counts
end
