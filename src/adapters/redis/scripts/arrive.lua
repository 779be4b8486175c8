#!lua flags=allow-oom
-- A new connection asks which server it has come to. Where that is not the one that the data was written on last, the
-- latest writes may be lost: a recovery window begins (design §5). So it does where the data does not go on from what
-- the caller saw: it is from before, such as on a master that was replaced and is in office again, or was all lost.
--
-- ARGV  1 prefix   2 length of a window in ms, '' for what the latest scheduler that came wanted
--       3 the server that the caller was with, '' for none   4 that server's number, 0 for none
-- Returns {server, its number, ms that the window still lasts}.
local ORDERS_LOST, DEFAULT_WINDOW_MS = 1000000, 17000  -- no replica lags by so many
local wanted, known, known_number = tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])

local told = redis.call('INFO', 'server', 'replication')
local server = string.match(told, '\nrun_id:(%x+)') .. '/' .. string.match(told, '\nmaster_replid:(%x+)')
local note, ends, seq, window = unpack(redis.call('HMGET', COUNTS, 'server', 'recovering', 'seq', 'window'))
local noted, noted_number = string.match(note or '', '^(%S+) (%d+)$')
noted_number, window = tonumber(noted_number or 0), tonumber(window or '')
local now = now_ms()

if wanted and wanted ~= window then
  window = wanted
  redis.call('HSET', COUNTS, 'window', window)
end
if noted == server and (noted_number > known_number or (noted_number == known_number and known == server)) then
  return {server, noted_number, math.max(0, tonumber(ends or 0) - now)}
end
-- Without a note somebody has emptied the server that the caller is with, or it is new.
local is_replaced = noted or (known ~= '' and known ~= server)
local number = math.max(noted_number, known_number)
if is_replaced or number == 0 then number = number + 1 end
redis.call('HSET', COUNTS, 'server', string.format('%s %d', server, number))
if not is_replaced then return {server, number, 0} end
window = window or DEFAULT_WINDOW_MS
-- Orders that were given and lost, on however many servers since, are not given again: those tasks may be written back.
seq = (tonumber(seq) or 0) + (number - noted_number) * ORDERS_LOST
redis.call('HSET', COUNTS, 'recovering', now + window, 'seq', seq)
return {server, number, window}
