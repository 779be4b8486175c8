-- The dispatch queue (design §4), shared by the scripts that move tasks in it. All keys begin with ARGV[1], the prefix.
-- A lane is "<priority>:<service>"; services and users are percent-encoded, so no name holds a colon.
--
--   <prefix>queue:<lane>:<user>   zset   task id -> order            the FIFO of one lane and user
--   <prefix>ready:<lane>          zset   "<since>:<order of head>:<user>" -> tasks that the user has at work
--   <prefix>user:<user>           hash   "running" -> tasks at work; "served" -> the last turn; "delayed" -> tasks that
--                                        wait for their retry; <lane> -> order of the user's head there, or ''
--   <prefix>counts                hash   "seq" -> last order or turn given; "waiting:<lane>", "running:<service>",
--                                        "delayed"; "server" -> "<server> <number>" that this was written on, the number
--                                        going up with every other server; "recovering" -> end of the recovery window
--                                        in ms; "window" -> how long one lasts, in ms; "claimed:<owner>",
--                                        "taken:<owner>" -> "<ms> <first nonce> <id> ..." of the owner's last claim and
--                                        take-over that leased something
--   <prefix>delayed               zset   "<lane>:<user>:<order>:<id>" -> due, in ms of the server's clock
--   <prefix>live                  zset   id of a live task -> end of its lease in ms of the server's clock, 0 while it waits
--   <prefix>ended                 zset   id of a terminal task -> when it ended, in ms
--   <prefix>task:<id>             string "<version> <order> <epoch> <nonce> <owner>\n<ledger as JSON>"; nonce and owner
--                                        are "-" while nobody holds a lease; the version goes up by a random step, so
--                                        that what a fail-over lost is not taken for what was written in its place
--   <prefix>events                channel "work" (something may be claimed), "task <id>" (its owner must look)
--
-- A ready set sorts by (tasks at work, since, order of head), where "since" is the user's last turn, or the order of
-- the head where that is later. Entries of equal score sort by their text, whose numbers are zero-padded. So the first
-- is who goes next, and no levels are packed into one double. A user of whom nothing waits and nothing is at work is
-- forgotten, turn and all: what comes later stands behind that turn anyway.
local prefix = ARGV[1]
local COUNTS, LIVE, ENDED = prefix .. 'counts', prefix .. 'live', prefix .. 'ended'
local DELAYED, EVENTS = prefix .. 'delayed', prefix .. 'events'

local function queue_key(lane, user) return prefix .. 'queue:' .. lane .. ':' .. user end
local function ready_key(lane) return prefix .. 'ready:' .. lane end
local function user_key(user) return prefix .. 'user:' .. user end
local function task_key(id) return prefix .. 'task:' .. id end

-- Returns nothing for what is no ledger of ours.
local function parse_header(ledger)
  local version, order, epoch, nonce, owner, body =
    string.match(ledger, '^(%d+) (%d+) (%d+) (%S+) (%S+)\n()')
  return tonumber(version), tonumber(order), tonumber(epoch), nonce, owner, body
end

local function header(version, order, epoch, nonce, owner)
  return string.format('%d %d %d %s %s\n', version, order, epoch, nonce, owner)
end

local function read_user(user)
  local flat = redis.call('HGETALL', user_key(user))
  local standing = {running = 0, served = 0, delayed = 0}
  local heads = {}
  for i = 1, #flat, 2 do
    local field, number = flat[i], tonumber(flat[i + 1])
    if standing[field] then standing[field] = number else heads[field] = number end
  end
  return standing, heads
end

local function is_idle(standing, heads)
  return standing.running <= 0 and standing.delayed <= 0 and not next(heads)
end

local function ready_member(standing, head, user)
  return string.format('%016d:%016d:%s', math.max(standing.served, head), head, user)
end

-- Put a task into its lane, not counting it. A smaller order than the present head's makes it the head.
local function join_lane(lane, user, order, id)
  redis.call('ZADD', queue_key(lane, user), order, id)
  local standing, heads = read_user(user)
  local head = heads[lane]
  if not head or order < head then
    if head then redis.call('ZREM', ready_key(lane), ready_member(standing, head, user)) end
    redis.call('ZADD', ready_key(lane), standing.running, ready_member(standing, order, user))
    redis.call('HSET', user_key(user), lane, order)
  end
end

local function enqueue(lane, user, order, id)
  join_lane(lane, user, order, id)
  redis.call('HINCRBY', COUNTS, 'waiting:' .. lane, 1)
end

-- Take a task out of its lane, wherever it stands there. `stays`: the user comes back at once.
local function dequeue(lane, user, order, id, stays)
  redis.call('ZREM', queue_key(lane, user), id)
  redis.call('HINCRBY', COUNTS, 'waiting:' .. lane, -1)
  local standing, heads = read_user(user)
  if heads[lane] ~= order then return end
  redis.call('ZREM', ready_key(lane), ready_member(standing, order, user))
  local next_order = tonumber(redis.call('ZRANGE', queue_key(lane, user), 0, 0, 'WITHSCORES')[2])
  heads[lane] = next_order
  if next_order then
    redis.call('ZADD', ready_key(lane), standing.running, ready_member(standing, next_order, user))
    redis.call('HSET', user_key(user), lane, next_order)
  elseif is_idle(standing, heads) and not stays then
    redis.call('DEL', user_key(user))
  else
    redis.call('HDEL', user_key(user), lane)
  end
end

-- Count `change` more tasks of a user at work, and move the user in the ready sets. `stays`: the task comes back at once.
local function count_at_work(user, change, stays)
  local standing, heads = read_user(user)
  standing.running = standing.running + change
  for lane, head in pairs(heads) do
    redis.call('ZADD', ready_key(lane), standing.running, ready_member(standing, head, user))
  end
  if is_idle(standing, heads) and not stays then
    redis.call('DEL', user_key(user))
  else
    redis.call('HSET', user_key(user), 'running', standing.running)
  end
end

-- Count `change` more tasks of a user that wait for their retry.
local function count_delayed(user, change, stays)
  redis.call('HINCRBY', COUNTS, 'delayed', change)
  redis.call('HINCRBY', user_key(user), 'delayed', change)
  if change < 0 and not stays and is_idle(read_user(user)) then redis.call('DEL', user_key(user)) end
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

-- The numbers, and besides them the texts.
local function read_counts()
  local flat, counts, texts = redis.call('HGETALL', COUNTS), {}, {}
  for i = 1, #flat, 2 do
    local number = tonumber(flat[i + 1])
    if number then counts[flat[i]] = number else texts[flat[i]] = flat[i + 1] end
  end
  return counts, texts
end

-- Lease a task until `ends`. Returns {id, ledger with its new header, record or false}; nothing where the ledger is gone.
local function lease(id, nonce, owner, ends)
  local ledger, record = unpack(redis.call('MGET', task_key(id), 'task:' .. id))
  local version, order, epoch, _, _, body = parse_header(ledger or '')
  if not version then return nil end
  local step = 1 + (tonumber(string.sub(nonce, -6), 16) or 0)
  local text = header(version + step, order, epoch + 1, nonce, owner) .. string.sub(ledger, body)
  redis.call('SET', task_key(id), text)
  redis.call('ZADD', LIVE, ends, id)
  return {id, text, record}
end

-- What a call leased, for its repetition to be known by.
local function call_text(now, nonce, ids) return string.format('%.0f %s %s', now, nonce, table.concat(ids, ' ')) end

-- Where a call repeats the one that `text` tells of, because the answer got lost: lease anew what it leased and nobody
-- else has taken since. Returns that as a list; nothing where the call is another one.
local function leased_before(text, owner, nonces, ends)
  local first, ids = string.match(text or '', '^%d+ (%S+) (.*)$')
  if not first or first ~= nonces[1] then return nil end
  local ours, leased = {}, {}
  for _, nonce in ipairs(nonces) do ours[nonce] = true end
  for id in string.gmatch(ids, '%d+') do
    local ledger, record = unpack(redis.call('MGET', task_key(id), 'task:' .. id))
    local _, _, _, nonce, holder = parse_header(ledger or '')
    if ours[nonce] and holder == owner then
      redis.call('ZADD', LIVE, ends, id)
      leased[#leased + 1] = {id, ledger, record}
    end
  end
  return leased
end
