-- Counts one request of a client, in one step that no other client of the
-- server can split. KEYS: bucket (hash), leases (sorted set).
-- ARGV: tokens a second (0: no limit), bucket size, in flight (0: no limit),
--       lease name, lease length in microseconds, now in microseconds ("": the
--       server's own clock, which all instances share).
-- Answers {1 granted | 2 rate | 3 in flight, tokens left in millionths}.
local rate, burst, inflight = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local now = tonumber(ARGV[6])
if not now then
  local t = redis.call('TIME')
  now = t[1] * 1000000 + t[2]
end

local tokens = 0
if rate > 0 then
  local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
  tokens = tonumber(kept[1]) or burst
  -- A clock that went back refills nothing.
  local passed = math.max(0, now - (tonumber(kept[2]) or now))
  tokens = math.min(burst, tokens + passed * rate / 1000000)
  -- Fractions add up to a hair below the whole token.
  local ok = tokens > 0.999999
  if ok then tokens = math.max(0, tokens - 1) end
  -- %.0f: Lua's own text of a number keeps 14 digits, microseconds need 16.
  redis.call('HSET', KEYS[1], 'tokens', string.format('%.9f', tokens), 'at', string.format('%.0f', now))
  -- A full bucket need not be kept; at most a day, for figures beyond reason.
  redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.min(86400000, math.ceil((burst - tokens) / rate * 1000) + 1000)))
  if not ok then return {2, math.floor(tokens * 1000000)} end
end

if inflight > 0 then
  local lease = tonumber(ARGV[5])
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', string.format('%.0f', now))
  if redis.call('ZCARD', KEYS[2]) >= inflight then return {3, math.floor(tokens * 1000000)} end
  redis.call('ZADD', KEYS[2], string.format('%.0f', now + lease), ARGV[4])
  redis.call('PEXPIRE', KEYS[2], string.format('%.0f', math.ceil(lease / 1000) + 1000))
end
return {1, math.floor(tokens * 1000000)}
