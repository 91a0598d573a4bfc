-- Keeps a lease of a request that still runs. KEYS: leases. ARGV: lease name,
-- lease length and now as in take.lua. XX: a lease that was given back in
-- between must not rise again.
local now = tonumber(ARGV[3])
if not now then
  local t = redis.call('TIME')
  now = t[1] * 1000000 + t[2]
end
local lease = tonumber(ARGV[2])
redis.call('ZADD', KEYS[1], 'XX', string.format('%.0f', now + lease), ARGV[1])
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.ceil(lease / 1000) + 1000))
return 1
