-- Lease tasks whose lease has expired by this server's clock, longest expired first. The slot stays taken.
--
-- ARGV  1 prefix   2 owner   3 lease in ms   then a nonce per task
-- Returns a list of {id, ledger with its new header, record or false}.
local owner, lease_ms, first_nonce = ARGV[2], tonumber(ARGV[3]), 4
local now = now_ms()
local expired = redis.call('ZRANGEBYSCORE', LIVE, 1, now, 'LIMIT', 0, #ARGV - first_nonce + 1)
local taken = {}
for i, id in ipairs(expired) do
  local ledger, record = unpack(redis.call('MGET', task_key(id), 'task:' .. id))
  local version, order, epoch, _, _, body = parse_header(ledger or '')
  if version then
    local text = header(version + 1, order, epoch + 1, ARGV[first_nonce + i - 1], owner) .. string.sub(ledger, body)
    redis.call('SET', task_key(id), text)
    redis.call('ZADD', LIVE, now + lease_ms, id)
    taken[#taken + 1] = {id, text, record}
  else
    redis.call('ZREM', LIVE, id)
  end
end
return taken
