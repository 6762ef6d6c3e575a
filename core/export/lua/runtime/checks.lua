-- Checks of a whole structure's fields, once it is read: what speaks against a release ----------

local check = {}

function check.id_unless_zero(c, v, value, at, since, name)
  if v[name] ~= 0 then judge_id(c, value, since, at) end
end

-- Items of lists inside the items of a list, against the number announced.
function check.count_of(c, v, value, at, routes)
  for _, route in ipairs(routes) do
    local list = v[route[1]]
    if list ~= nil then
      local count = 0
      for i = 1, list.n do
        local inner = list[i][route[2]]
        count = count + (inner and inner.n or 0)
      end
      if count ~= number_of(value) then
        local path = route[1] .. "." .. route[2]
        local message = tostring(value) .. " announced, but " .. path .. " are " .. count
        c:problem("malformed", message, at)
      end
    end
  end
end

function check.ends_of(c, v, entries, at, field_name, list_name, fixed, lengths)
  local items, stop = v[list_name], 0
  if items == nil then return end
  for i = 1, math.min(entries.n, items.n) do
    stop = stop + fixed
    for _, name in ipairs(lengths) do stop = stop + number_of(items[i][name]) end
    local told = entries[i][field_name]
    if told ~= stop then
      local entry = field_name .. " " .. tostring(told) .. " of entry " .. (i - 1)
      return c:note("protocol", entry .. ", but its item ends at " .. stop, at)
    end
  end
end

local UINT32_MAX = UInt64(4294967295, 0)

local CRC_TABLE = {}
for byte = 0, 255 do
  local crc = byte
  for _ = 1, 8 do
    local shifted = bit.rshift(crc, 1)
    crc = crc % 2 == 1 and bit.bxor(shifted, 0xedb88320) or shifted
  end
  CRC_TABLE[byte] = crc
end

local function crc32(bytes, start, stop)
  local crc = -1
  for i = start + 1, stop do
    local index = bit.band(bit.bxor(crc, bytes:byte(i)), 255)
    crc = bit.bxor(bit.rshift(crc, 8), CRC_TABLE[index])
  end
  return bit.bnot(crc) % 4294967296
end

local function hex_of(value)
  return "0x" .. value:tohex()
end

-- A CRC-32 of what follows in the structure, in eight bytes; 0 where none was made.
function check.crc32(c, _, value, at)
  if value == UInt64(0, 0) then return end
  if value > UINT32_MAX then
    c:problem("protocol", "checksum " .. hex_of(value) .. " is no CRC-32", at)
  elseif c.item ~= nil and settings.verify_checksums then
    local actual = crc32(c.bytes, at + 8, c.offset)
    if actual ~= value:tonumber() then
      local told = "checksum " .. hex_of(value) .. ", but the bytes give "
      local message = told .. string.format("0x%016x", actual)
      c:note("protocol", message .. " (CRC-32): damaged, or encrypted at rest by the server", at)
    end
  end
end

function check.not_crc32(c, _, value, at)
  if value ~= UInt64(0, 0) and value <= UINT32_MAX then
    c:problem("protocol", "checksum " .. hex_of(value) .. " is no XXH3-64", at)
  end
end

-- What a server checks before it reads a VSR request.
function check.request_session(c, v, session, at)
  local none, number = tostring(session) == "0", tostring(v.request)
  local wrong = nil
  if v.client == "0" then
    wrong = "no client id"
  elseif v.operation == "reserved" then
    wrong = "no operation"
  elseif v.operation == "register" then
    if not none or number ~= "0" then wrong = "a login with a session or request number" end
  elseif v.operation ~= "non_replicated" and (none or number == "0") then
    wrong = "no session or request number"
  end
  if wrong then c:problem("protocol", wrong .. ": servers drop such a request", at) end
end

function check.by_release(c, v, value, at, ...)
  for _, form in ipairs({ ... }) do
    if form[1] <= c.release and c.release <= form[2] then
      return check[form[3]](c, v, value, at, form[4], form[5], form[6], form[7])
    end
  end
end
