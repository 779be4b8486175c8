#!lua
-- Lease the next tasks of the dispatch policy (domain.dispatch): its cost depends on lanes and slots, not on tasks. Within
-- a recovery window nothing is leased but what this very call has leased before.
--
-- ARGV  1 prefix   2 owner   3 lease in ms   4 limit per user, '' for none   5 limit per service, '' for none
--       6 number n of services with a limit of their own, then n pairs (service, limit), then a nonce per slot
-- Returns a list of {id, ledger with its new header, record or false}.
local DUE_AT_ONCE, UNUSED_KEPT, CALLS_FORGOTTEN_AT_ONCE, CALL_KEPT_MS = 100, 64, 100, 600000
local owner, lease_ms = ARGV[2], tonumber(ARGV[3])
local user_limit, every_service = tonumber(ARGV[4]), tonumber(ARGV[5])
local own_limits, first_nonce = {}, 7 + 2 * tonumber(ARGV[6])
for i = 7, first_nonce - 1, 2 do own_limits[ARGV[i]] = tonumber(ARGV[i + 1]) end
local nonces = {unpack(ARGV, first_nonce)}

local now, own_call = now_ms(), 'claimed:' .. owner
local counts, texts = read_counts()

local repeated = leased_before(texts[own_call], owner, nonces, now + lease_ms)
if repeated then return repeated end
if now < (counts['recovering'] or 0) then return {} end

-- Retries that have become due join their lanes, a batch at a time. Returns whether any did.
local function admit_due()
  if (counts['delayed'] or 0) <= 0 then return false end
  local due = redis.call('ZRANGEBYSCORE', DELAYED, '-inf', now, 'LIMIT', 0, DUE_AT_ONCE)
  for _, member in ipairs(due) do
    local lane, user, order, id = string.match(member, '^([^:]*:[^:]*):([^:]*):(%d+):(%d+)$')
    redis.call('ZREM', DELAYED, member)
    count_delayed(user, -1, true)
    enqueue(lane, user, tonumber(order), id)
  end
  if #due > 0 then counts = read_counts() end
  return #due > 0
end

local function may_run(service)
  local limit = own_limits[service] or every_service
  return not limit or (counts['running:' .. service] or 0) < limit
end

local function goes_before(one, other)
  if one.running ~= other.running then return one.running < other.running end
  if one.since ~= other.since then return one.since < other.since end
  return one.head < other.head
end

-- The user who goes next in one priority (domain.dispatch): the first of the lanes' firsts.
local function next_in(priority)
  local best
  for field, waiting in pairs(counts) do
    local service = waiting > 0 and string.match(field, '^waiting:' .. priority .. ':(.*)$')
    if service and may_run(service) then
      local lane = priority .. ':' .. service
      local first = redis.call('ZRANGE', ready_key(lane), 0, 0, 'WITHSCORES')
      local member, running = first[1], tonumber(first[2])
      -- Every user has the same limit, so where the first is at it, all are.
      if member and not (user_limit and running >= user_limit) then
        local since, head, user = string.match(member, '^(%d+):(%d+):(.*)$')
        local candidate = {lane = lane, service = service, member = member, user = user,
          running = running, since = tonumber(since), head = tonumber(head)}
        if not best or goes_before(candidate, best) then best = candidate end
      end
    end
  end
  return best
end

local taken = {}

-- Take the head of one lane and user; it is the user's turn, which counts in all of the user's lanes.
local function take(chosen)
  local lane, user, running = chosen.lane, chosen.user, 'running:' .. chosen.service
  local id = redis.call('ZPOPMIN', queue_key(lane, user))[1]
  local left, at_work = counts['waiting:' .. lane] - 1, (counts[running] or 0) + 1
  local turn = (counts['seq'] or 0) + 1
  local following
  if left > 0 then following = redis.call('ZRANGE', queue_key(lane, user), 0, 0, 'WITHSCORES')[2] end
  counts['waiting:' .. lane], counts[running], counts['seq'] = left, at_work, turn
  taken[#taken + 1] = id
  redis.call('HSET', COUNTS, 'waiting:' .. lane, left, running, at_work, 'seq', turn,
    own_call, call_text(now, nonces[1], taken))

  local before, heads = read_user(user)
  local now_stands = {running = before.running + 1, served = turn}
  redis.call('ZREM', ready_key(lane), chosen.member)
  heads[lane] = nil
  for other, head in pairs(heads) do
    redis.call('ZREM', ready_key(other), ready_member(before, head, user))
    redis.call('ZADD', ready_key(other), now_stands.running, ready_member(now_stands, head, user))
  end
  if following then
    redis.call('ZADD', ready_key(lane), now_stands.running, ready_member(now_stands, tonumber(following), user))
  end
  redis.call('HSET', user_key(user), 'running', now_stands.running, 'served', turn, lane, following or '')
  return id
end

-- Services that are no longer used, and owners that are gone, must not make claims slower for ever.
local function forget_unused()
  local unused, old = {}, {}
  for field, count in pairs(counts) do
    if count == 0 then unused[#unused + 1] = field end
  end
  for field, text in pairs(texts) do
    local at = string.match(field, '^%a+:') and tonumber(string.match(text, '^(%d+) '))
    if at and at < now - CALL_KEPT_MS and #old < CALLS_FORGOTTEN_AT_ONCE then old[#old + 1] = field end
  end
  if #unused > UNUSED_KEPT then redis.call('HDEL', COUNTS, unpack(unused)) end
  if #old > 0 then redis.call('HDEL', COUNTS, unpack(old)) end
end

local claimed = {}
admit_due()
for _, nonce in ipairs(nonces) do
  local chosen
  repeat chosen = next_in('high') or next_in('low') until chosen or not admit_due()
  if not chosen then break end
  local id = take(chosen)
  local leased = lease(id, nonce, owner, now + lease_ms)
  if leased then
    claimed[#claimed + 1] = leased
  else
    -- Its ledger was lost (somebody deleted the key): nothing is left to run.
    count_at_work(chosen.user, -1)
    counts['running:' .. chosen.service] = redis.call('HINCRBY', COUNTS, 'running:' .. chosen.service, -1)
    redis.call('ZREM', LIVE, id)
  end
end
forget_unused()
return claimed
