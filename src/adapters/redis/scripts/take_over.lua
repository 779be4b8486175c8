#!lua flags=allow-oom
-- Lease tasks whose lease has expired by this server's clock, longest expired first. The slot stays taken. Within a
-- recovery window nothing is leased but what this very call has leased before.
--
-- ARGV  1 prefix   2 owner   3 lease in ms   then a nonce per task
-- Returns a list of {id, ledger with its new header, record or false}.
local owner, lease_ms, nonces = ARGV[2], tonumber(ARGV[3]), {unpack(ARGV, 4)}
local now, field = now_ms(), 'taken:' .. owner
local last_call, window_end = unpack(redis.call('HMGET', COUNTS, field, 'recovering'))

local repeated = leased_before(last_call, owner, nonces, now + lease_ms)
if repeated then return repeated end
if now < tonumber(window_end or 0) then return {} end

local expired = redis.call('ZRANGEBYSCORE', LIVE, 1, now, 'LIMIT', 0, #nonces)
local taken, ids = {}, {}
for i, id in ipairs(expired) do
  local leased = lease(id, nonces[i], owner, now + lease_ms)
  if leased then
    taken[#taken + 1], ids[#ids + 1] = leased, id
  else
    redis.call('ZREM', LIVE, id)
  end
end
if #ids > 0 then redis.call('HSET', COUNTS, field, call_text(now, nonces[1], ids)) end
return taken
