-- Bytes ----------------------------------------------------------------------------------------

local byte, sub, find, format = string.byte, string.sub, string.find, string.format
local floor, min, max = math.floor, math.min, math.max

-- The PDU that is being read: its bytes, and where they begin in which Tvb. `MAX_ITEMS` is the
-- preference for lists, `CUT` says that the PDU's end is missing.
local B, TVB, BASE, CUT = "", nil, 0, false
-- Findings that speak against the release that is read by, and whether there was any finding.
local PROBLEMS, FOUND = 0, false
-- The release that is read by; a release newer than all that are known.
local RELEASE, LATEST = 0, math.huge
-- The body has been read before, and there was nothing to be found in it.
local SOUND = false
local MAX_ITEMS = 1000
-- Groups of the tree whose end is not known yet, where they begin, and their fields.
local OPEN, OPEN_AT, OPEN_AS, DEPTH = {}, {}, {}, 0
-- The path of the layout that is read.
local LAYOUT = ""

-- What is thrown where bytes end too early; it is caught at the border of the PDU.
local MALFORMED = {}
local FAULT, FAULT_AT, FAULT_STOP, FAULT_FIELD = "", 0, 0, nil

-- `field` is the name of the field within its structure, here and below.
local function malformed(message, at, stop, field)
  FAULT, FAULT_AT, FAULT_STOP, FAULT_FIELD = message, at, stop, field
  error(MALFORMED, 0)
end

local function short(at, length, stop, field)
  local needed = length .. (length == 1 and " byte needed, " or " bytes needed, ")
  malformed(needed .. (stop - at) .. " left", at, at, field)
end

-- Refuses a count that the bytes left cannot hold, before any loop.
local function too_many(count, least, at, o, e, field)
  local needed = "count " .. count .. " needs at least " .. count * least .. " bytes, "
  malformed(needed .. (e - o) .. " left", at, o, field)
end

local function u16le(bytes, at)
  local a, b = byte(bytes, at + 1, at + 2)
  return a + b * 256
end

-- `u32le(bytes, 4)`: the number in bytes 4 to 7 of a string; nil where it is shorter.
local function u32le(bytes, at)
  local a, b, c, d = byte(bytes, at + 1, at + 4)
  if d == nil then return nil end
  return a + b * 256 + c * 65536 + d * 16777216
end

local function u64le(bytes, at)
  return UInt64(u32le(bytes, at), u32le(bytes, at + 4))
end

local function i64le(bytes, at)
  return Int64(u32le(bytes, at), u32le(bytes, at + 4))
end

-- A Lua number of a u64, exact below 2^53.
local function u64_number(bytes, at)
  return u32le(bytes, at) + u32le(bytes, at + 4) * 4294967296
end

local function signed(value, limit)
  return value >= limit and value - 2 * limit or value
end

local function i8(bytes, at)
  return signed(byte(bytes, at + 1), 128)
end

local function i16le(bytes, at)
  return signed(u16le(bytes, at), 32768)
end

local function i32le(bytes, at)
  return signed(u32le(bytes, at), 2147483648)
end

local ZEROS = string.rep("\0", 256)

local function is_zero(bytes, start, stop)
  return sub(bytes, start + 1, stop) == sub(ZEROS, 1, stop - start)
end

-- Limbs of six digits, lowest first; a limb times 2^32 is exact in any Lua.
local limbs = { 0, 0, 0, 0, 0, 0, 0 }

-- The decimal text of four words of 32 bits, highest first.
local function decimal_of(a, b, c, d)
  for i = 1, 7 do limbs[i] = 0 end
  for i = 1, 4 do
    local carry = i == 1 and a or i == 2 and b or i == 3 and c or d
    for k = 1, 7 do
      local sum = limbs[k] * 4294967296 + carry
      local rest = sum % 1000000
      limbs[k], carry = rest, (sum - rest) / 1000000
    end
  end
  local text = format("%.0f%06.0f%06.0f%06.0f%06.0f%06.0f%06.0f", limbs[7], limbs[6], limbs[5],
    limbs[4], limbs[3], limbs[2], limbs[1])
  return text:match("^0*(%d+)$")
end

-- Texts of numbers met before: ids come again and again.
local decimals, decimal_count = {}, 0

-- The decimal text of 16 little-endian bytes.
local function decimal_of_16(bytes, at, is_signed)
  local key = sub(bytes, at + 1, at + 16)
  local known = not is_signed and decimals[key]
  if known then return known end
  local d, c, b, a = u32le(key, 0), u32le(key, 4), u32le(key, 8), u32le(key, 12)
  if is_signed then
    if a < 2147483648 then return decimal_of(a, b, c, d) end
    -- The two's complement: all bits turned, and one more.
    local most = 4294967295
    a, b, c, d = most - a, most - b, most - c, most - d + 1
    if d > most then c, d = c + 1, 0 end
    if c > most then b, c = b + 1, 0 end
    if b > most then a, b = a + 1, 0 end
    return "-" .. decimal_of(a, b, c, d)
  end
  local text = decimal_of(a, b, c, d)
  if decimal_count >= 4096 then decimals, decimal_count = {}, 0 end
  decimals[key], decimal_count = text, decimal_count + 1
  return text
end

-- The shortest text that reads back as the same number.
local function float_text(bytes, at, size)
  local value = Struct.unpack(size == 4 and "<f" or "<d", sub(bytes, at + 1, at + size))
  for digits = 1, 17 do
    local text = format("%." .. digits .. "g", value)
    if tonumber(text) == value then return text end
  end
  return tostring(value)
end

local function hex(bytes, at, length)
  return (sub(bytes, at + 1, at + length):gsub(".", function(one)
    return format("%02x", byte(one))
  end))
end

-- Fewest continuation bytes, and the first one's range, by lead byte; nil for no lead byte.
local function utf8_shape(lead)
  if lead < 0xc2 or lead > 0xf4 then return nil end
  if lead < 0xe0 then return 1, 0x80, 0xbf end
  if lead < 0xf0 then
    return 2, lead == 0xe0 and 0xa0 or 0x80, lead == 0xed and 0x9f or 0xbf
  end
  return 3, lead == 0xf0 and 0x90 or 0x80, lead == 0xf4 and 0x8f or 0xbf
end

-- Text of UTF-8 bytes, and whether they were valid; bad bytes become U+FFFD.
local function utf8_text(bytes)
  if not find(bytes, "[\128-\255]") then return bytes, true end
  local parts, valid, at = {}, true, 1
  while at <= #bytes do
    local lead = byte(bytes, at)
    local stop = at
    if lead >= 0x80 then
      local more, least, most = utf8_shape(lead)
      local left = more or 1
      while more and left > 0 do
        local one = byte(bytes, stop + 1)
        if one == nil or one < least or one > most then break end
        stop, left, least, most = stop + 1, left - 1, 0x80, 0xbf
      end
      if left > 0 then
        valid = false
        parts[#parts + 1] = "\239\191\189"
      else
        parts[#parts + 1] = sub(bytes, at, stop)
      end
    else
      stop = (find(bytes, "[\128-\255]", at) or #bytes + 1) - 1
      parts[#parts + 1] = sub(bytes, at, stop)
    end
    at = stop + 1
  end
  return table.concat(parts), valid
end

-- A text as Wireshark can show it.
local function visible(text)
  if find(text, "\0", 1, true) then return (text:gsub("%z", "\226\144\128")) end
  return text
end
