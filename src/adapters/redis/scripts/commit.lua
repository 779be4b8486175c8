#!lua flags=allow-oom
-- Write a ledger and the record that it implies, and move the task in the queue: all, or nothing where anything is not
-- as it was read. The record is compared and set as bytes; it is never parsed here.
--
-- KEYS  1 the ledger, 2 the record, [3 block of everybody, 4 block of the user]: given where the commit admits a task
-- ARGV  1 prefix            2 task id
--       3 version of the ledger as read, '' where there was none
--       4 record as read, '' where there was none
--       5 new ledger (JSON), '' to leave it       6 new record, '' to leave it
--       7 lease in the new header: "<nonce> <owner>"      8 its epoch, 0 where nobody holds it
--       9-11 from: 'waiting' | 'delayed' | 'leased' | '', lane, user
--       12-14 to: the same, or 'kept' where the task stays in its place
--       15 due in ms, of a task that goes to 'delayed'
--       16 order: '' keeps the task's, 'new' gives it the next, a number is what it had before the store lost it
--       17 when the task ended in ms, '' while it lives
--       18 '1' where the owner of the task's work must look
--       19 '1' to tell everybody of a task that waits, '0' where the caller claims it at once
--       20 '1' where the end of one task's work may let another user's or service's task run (limits)
--       21 how many tasks that wait are enough to admit no other, '' where the commit admits none
--       22 the new ledger's version
--       24 what to count: "<minute since 1970> <ending, '-' for none> <bytes> <user>", '' for nothing
--       25 '' or a notification for the outbox (outbox.lua): "<route> <id>\n<body>"
-- Returns {version, order, epoch}; {'changed', ledger, record} as they stand where something was not as read; 'full'
-- where too many tasks wait.
local DAY_MS, LONGEST_MS = 86400000, 180 * 86400000
local TALLY_S, MOVED_S = 26 * 3600, 8 * 86400  -- a bit more than what is asked for
local NO_EXPIRY, NO_KEY = -1, -2  -- what PTTL says
local id, read_version, read_record = ARGV[2], ARGV[3], ARGV[4]
local found = redis.call('MGET', unpack(KEYS))
local ledger, record = found[1], found[2]

local changed = {'changed', ledger, record}

if (record or '') ~= read_record or found[3] or found[4] then return changed end
local version, order, epoch, nonce, owner = 0, 0, 0, '-', '-'
if ledger then
  version, order, epoch, nonce, owner = parse_header(ledger)
end
if (ledger and string.format('%.0f', version or 0) or '') ~= read_version then return changed end

local counts
if ARGV[21] ~= '' then
  local waiting = 0
  counts = read_counts()
  for field, count in pairs(counts) do
    if string.sub(field, 1, 8) == 'waiting:' then waiting = waiting + count end
  end
  if waiting >= tonumber(ARGV[21]) then return 'full' end
end

local from_kind, from_lane, from_user = ARGV[9], ARGV[10], ARGV[11]
local to_kind, to_lane, to_user = ARGV[12], ARGV[13], ARGV[14]
local announce = false

local function leave(stays)
  if from_kind == 'waiting' then
    dequeue(from_lane, from_user, order, id, stays)
  elseif from_kind == 'delayed' then
    -- A claim may have moved it to its lane since, which changes no ledger.
    if redis.call('ZREM', DELAYED, delayed_member(from_lane, from_user, order, id)) == 1 then
      count_delayed(from_user, -1, stays)
    else
      dequeue(from_lane, from_user, order, id, stays)
    end
  elseif from_kind == 'leased' then
    count_at_work(from_user, -1, stays)
    redis.call('HINCRBY', COUNTS, 'running:' .. service_of(from_lane), -1)
    announce = ARGV[20] == '1' and something_waits(read_counts())
  end
end

-- Give the task its order. Returns whether it was counted as waiting in the same breath, which saves a command.
local function give_order(wanted)
  if wanted == '' then return false end
  if wanted ~= 'new' then
    order = tonumber(wanted)
    if order > tonumber(redis.call('HGET', COUNTS, 'seq') or 0) then redis.call('HSET', COUNTS, 'seq', order) end
    return false
  end
  if not counts or from_kind ~= '' or to_kind ~= 'waiting' then
    order = redis.call('HINCRBY', COUNTS, 'seq', 1)
    return false
  end
  order = (counts['seq'] or 0) + 1
  local waiting = 'waiting:' .. to_lane
  redis.call('HSET', COUNTS, 'seq', order, waiting, (counts[waiting] or 0) + 1)
  return true
end

local function enter(is_counted)
  if to_kind == 'waiting' then
    if is_counted then join_lane(to_lane, to_user, order, id) else enqueue(to_lane, to_user, order, id) end
    announce = announce or ARGV[19] == '1'
  elseif to_kind == 'delayed' then
    redis.call('ZADD', DELAYED, ARGV[15], delayed_member(to_lane, to_user, order, id))
    count_delayed(to_user, 1)
  elseif to_kind == 'leased' then
    count_at_work(to_user, 1)
    redis.call('HINCRBY', COUNTS, 'running:' .. service_of(to_lane), 1)
  end
end

-- Add to the counts of the minute, and to those of the user's quarter of a day. A count that was not there may be the
-- first of its key, which then needs an end.
local function tally(minute, ending, bytes, user)
  local minutes, moved = prefix .. 'tally:' .. math.floor(minute / 60), prefix .. 'moved:' .. math.floor(minute / 360)
  if ending ~= '-' and redis.call('HINCRBY', minutes, minute .. ':' .. ending, 1) == 1 then
    redis.call('EXPIRE', minutes, TALLY_S)
  end
  if bytes == '0' then return end
  if redis.call('HINCRBY', minutes, minute .. ':bytes', bytes) == tonumber(bytes) then
    redis.call('EXPIRE', minutes, TALLY_S)
  end
  if tonumber(redis.call('ZINCRBY', moved, bytes, user)) == tonumber(bytes) then
    redis.call('EXPIRE', moved, MOVED_S)
  end
end

if to_kind == 'kept' then
  -- A take-over that the store had lost: the lease of the owner before it is not this owner's.
  if ARGV[8] ~= '0' and ARGV[7] ~= nonce .. ' ' .. owner then redis.call('ZADD', LIVE, now_ms(), id) end
else
  leave(to_kind ~= '' and to_user == from_user)
  enter(give_order(ARGV[16]))
  if to_kind == '' then
    redis.call('ZREM', LIVE, id)
  else
    -- Only a lease that the store had lost comes this way. It ends now, and its owner renews it.
    redis.call('ZADD', LIVE, to_kind == 'leased' and now_ms() or 0, id)
    if ledger and from_kind == '' then redis.call('ZREM', ENDED, id) end
  end
end

if ARGV[5] ~= '' then
  version, epoch = tonumber(ARGV[22]), math.max(epoch, tonumber(ARGV[8]))
  local text = string.format('%d %d %d %s\n', version, order, epoch, ARGV[7]) .. ARGV[5]
  if ARGV[17] == '' then
    redis.call('SET', KEYS[1], text)
  else
    local left = redis.call('PTTL', KEYS[2])
    if left == NO_EXPIRY then left = LONGEST_MS elseif left == NO_KEY then left = 0 end
    redis.call('SET', KEYS[1], text, 'PX', left + DAY_MS)
    redis.call('ZADD', ENDED, ARGV[17], id)
  end
end
if ARGV[6] ~= '' then redis.call('SET', KEYS[2], ARGV[6], 'KEEPTTL') end
if ARGV[24] ~= '' then tally(string.match(ARGV[24], '^(%d+) (%S+) (%d+) (%S*)$')) end
if ARGV[25] ~= '' then leave_word(ARGV[25]) end
if announce then redis.call('PUBLISH', EVENTS, 'work') end
if ARGV[18] == '1' then redis.call('PUBLISH', EVENTS, 'task ' .. id) end
return {version, order, epoch}
