-- Lease the next tasks of the dispatch policy (domain.dispatch): its cost depends on lanes and slots, not on tasks.
--
-- ARGV  1 prefix   2 owner   3 lease in ms   4 limit per user, '' for none   5 limit per service, '' for none
--       6 number n of services with a limit of their own, then n pairs (service, limit), then a nonce per slot
-- Returns a list of {id, ledger with its new header, record or false}.
local owner, lease_ms = ARGV[2], tonumber(ARGV[3])
local user_limit, every_service = tonumber(ARGV[4]), tonumber(ARGV[5])
local own_limits, first_nonce = {}, 7 + 2 * tonumber(ARGV[6])
for i = 7, first_nonce - 1, 2 do own_limits[ARGV[i]] = tonumber(ARGV[i + 1]) end

local now = now_ms()
local counts = read_counts()

-- Retries that have become due join their lanes first. What is more than one batch comes with the next claim.
if (counts['delayed'] or 0) > 0 then
  local due = redis.call('ZRANGEBYSCORE', DELAYED, '-inf', now, 'LIMIT', 0, 100)
  for _, member in ipairs(due) do
    local lane, user, order, id = string.match(member, '^([^:]*:[^:]*):([^:]*):(%d+):(%d+)$')
    redis.call('ZREM', DELAYED, member)
    enqueue(lane, user, tonumber(order), id)
  end
  if #due > 0 then
    redis.call('HINCRBY', COUNTS, 'delayed', -#due)
    counts = read_counts()
  end
end

local function may_run(service)
  local limit = own_limits[service] or every_service
  return not limit or (counts['running:' .. service] or 0) < limit
end

-- The user who goes next in one priority: fewest at work, then the head that has waited longest.
local function next_in(priority)
  local best
  for field, waiting in pairs(counts) do
    local service = waiting > 0 and string.match(field, '^waiting:' .. priority .. ':(.*)$')
    if service and may_run(service) then
      local lane = priority .. ':' .. service
      local first = redis.call('ZRANGE', ready_key(lane), 0, 0, 'WITHSCORES')
      local member, running = first[1], tonumber(first[2])
      -- Every user has the same limit, so where the first is at it, all are.
      if member and not (user_limit and running >= user_limit)
        and (not best or running < best.running or (running == best.running and member < best.member)) then
        best = {lane = lane, service = service, member = member, running = running}
      end
    end
  end
  return best
end

-- Take the head of one lane and user, and count it as at work in all of the user's lanes.
local function take(chosen)
  local lane, order, user = chosen.lane, string.match(chosen.member, '^(%d+):(.*)$')
  local heads = redis.call('ZRANGE', queue_key(lane, user), 0, 1, 'WITHSCORES')
  local id, next_order = heads[1], heads[4]
  redis.call('ZREM', queue_key(lane, user), id)
  redis.call('ZREM', ready_key(lane), chosen.member)
  local known = redis.call('HGETALL', user_key(user))
  local running = chosen.running + 1
  for i = 1, #known, 2 do
    local other = known[i]
    if other ~= 'running' and other ~= lane and known[i + 1] ~= '' then
      redis.call('ZADD', ready_key(other), running, ready_member(known[i + 1], user))
    end
  end
  if next_order then
    redis.call('ZADD', ready_key(lane), running, ready_member(next_order, user))
  end
  redis.call('HSET', user_key(user), 'running', running, lane, next_order or '')
  counts['waiting:' .. lane] = counts['waiting:' .. lane] - 1
  counts['running:' .. chosen.service] = (counts['running:' .. chosen.service] or 0) + 1
  redis.call('HSET', COUNTS, 'waiting:' .. lane, counts['waiting:' .. lane],
    'running:' .. chosen.service, counts['running:' .. chosen.service])
  return id, user
end

local claimed = {}
for slot = first_nonce, #ARGV do
  local chosen = next_in('high') or next_in('low')
  if not chosen then break end
  local id, user = take(chosen)
  local found = redis.call('MGET', task_key(id), 'task:' .. id)
  local ledger = found[1]
  if ledger then
    local version, order, epoch, _, _, body = parse_header(ledger)
    local text = header(version + 1, order, epoch + 1, ARGV[slot], owner) .. string.sub(ledger, body)
    redis.call('SET', task_key(id), text)
    redis.call('ZADD', LIVE, now + lease_ms, id)
    claimed[#claimed + 1] = {id, text, found[2]}
  else
    -- Its ledger was lost (a fail-over, a flush): nothing is left to run.
    count_user(user, -1)
    redis.call('HINCRBY', COUNTS, 'running:' .. chosen.service, -1)
    counts['running:' .. chosen.service] = counts['running:' .. chosen.service] - 1
    redis.call('ZREM', LIVE, id)
  end
end
return claimed
