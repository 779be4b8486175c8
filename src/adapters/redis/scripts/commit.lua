-- Write a ledger and the record that it implies, and move the task in the queue: all, or nothing where anything is not
-- as it was read. The record is compared and set as bytes; it is never parsed here.
--
-- KEYS  1 the ledger, 2 the record, [3 block of everybody, 4 block of the user]: given where the commit admits a task
-- ARGV  1 prefix            2 task id
--       3 version of the ledger as read, '' where there was none
--       4 record as read, '' where there was none
--       5 new ledger (JSON), '' to leave it       6 new record, '' to leave it
--       7 lease in the new header: "<nonce> <owner>"
--       8-10 from: 'waiting' | 'delayed' | 'leased' | '', lane, user
--       11-13 to: the same, or 'kept' where the task stays in its place
--       14 due in ms, of a task that goes to 'delayed'
--       15 order: '' keeps the task's, 'new' gives it the next
--       16 when the task ended in ms, '' while it lives
--       17 '1' where the owner of the task's work must look
--       18 '1' to tell everybody of a task that waits, '0' where the caller claims it at once
--       19 '1' where the end of one task's work may let another user's or service's task run (limits)
-- Returns {version, order, epoch}, or {} where something was not as read.
local DAY_MS, LONGEST_MS = 86400000, 180 * 86400000
local NO_EXPIRY, NO_KEY = -1, -2  -- what PTTL says
local id, read_version, read_record = ARGV[2], ARGV[3], ARGV[4]
local found = redis.call('MGET', unpack(KEYS))
local ledger, record = found[1], found[2]

if (record or '') ~= read_record then return {} end
if found[3] or found[4] then return {} end
local version, order, epoch = 0, 0, 0
if ledger then
  version, order, epoch = parse_header(ledger)
end
if (ledger and tostring(version) or '') ~= read_version then return {} end

local from_kind, from_lane, from_user = ARGV[8], ARGV[9], ARGV[10]
local to_kind, to_lane, to_user = ARGV[11], ARGV[12], ARGV[13]
local announce = false

if to_kind ~= 'kept' then
  local stays = to_kind ~= '' and to_user == from_user
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
    leave_work(from_user, stays)
    redis.call('HINCRBY', COUNTS, 'running:' .. service_of(from_lane), -1)
    announce = ARGV[19] == '1' and something_waits(read_counts())
  end
  if ARGV[15] == 'new' then order = redis.call('HINCRBY', COUNTS, 'seq', 1) end
  if to_kind == 'waiting' then
    enqueue(to_lane, to_user, order, id)
    announce = announce or ARGV[18] == '1'
  elseif to_kind == 'delayed' then
    redis.call('ZADD', DELAYED, ARGV[14], delayed_member(to_lane, to_user, order, id))
    count_delayed(to_user, 1)
  end
  if to_kind == '' then
    redis.call('ZREM', LIVE, id)
  else
    redis.call('ZADD', LIVE, 0, id)
    if ledger and from_kind == '' then redis.call('ZREM', ENDED, id) end
  end
end

if ARGV[5] ~= '' then
  version = version + 1
  local text = string.format('%d %d %d %s\n', version, order, epoch, ARGV[7]) .. ARGV[5]
  if ARGV[16] == '' then
    redis.call('SET', KEYS[1], text)
  else
    local left = redis.call('PTTL', KEYS[2])
    if left == NO_EXPIRY then left = LONGEST_MS elseif left == NO_KEY then left = 0 end
    redis.call('SET', KEYS[1], text, 'PX', left + DAY_MS)
    redis.call('ZADD', ENDED, ARGV[16], id)
  end
end
if ARGV[6] ~= '' then redis.call('SET', KEYS[2], ARGV[6], 'KEEPTTL') end
if announce then redis.call('PUBLISH', EVENTS, 'work') end
if ARGV[17] == '1' then redis.call('PUBLISH', EVENTS, 'task ' .. id) end
return {version, order, epoch}
