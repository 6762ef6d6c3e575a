-- Bytes ----------------------------------------------------------------------------------------

local byte, sub, find, format = string.byte, string.sub, string.find, string.format
local floor, min, max = math.floor, math.min, math.max

-- The PDU that is being read: its bytes, and where they begin in which Tvb. `MAX_ITEMS` is the
-- preference for lists, `CUT` says that the PDU's end is missing.
local B, TVB, BASE, CUT = "", nil, 0, false
-- Findings that speak against the release that is read by, and whether there was any finding.
local PROBLEMS, FOUND = 0, false
local MAX_ITEMS = 1000
-- Groups of the tree whose end is not known yet, and where they begin.
local OPEN, OPEN_AT, DEPTH = {}, {}, 0

-- What is thrown where bytes end too early; it is caught at the border of the PDU.
local MALFORMED = {}
local FAULT, FAULT_AT, FAULT_STOP = "", 0, 0

local function malformed(message, at, stop)
  FAULT, FAULT_AT, FAULT_STOP = message, at, stop
  error(MALFORMED, 0)
end

local function short(at, length, stop)
  malformed(length .. " bytes needed, " .. (stop - at) .. " left", at, at)
end

-- Refuses a count that the bytes left cannot hold, before any loop.
local function too_many(count, least, at, o, e)
  local needed = "count " .. count .. " needs at least " .. count * least .. " bytes, "
  malformed(needed .. (e - o) .. " left", at, o)
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

-- The decimal text of 16 little-endian bytes.
local function decimal_of_16(bytes, at, is_signed)
  if is_zero(bytes, at + 8, at + 16) then return tostring(u64le(bytes, at)) end
  local words = {}
  for i = 7, 0, -1 do words[#words + 1] = u16le(bytes, at + 2 * i) end
  local negative = is_signed and words[1] >= 32768
  if negative then
    local carry = 1
    for i = 8, 1, -1 do
      local word = 65535 - words[i] + carry
      carry = word > 65535 and 1 or 0
      words[i] = word % 65536
    end
  end
  local parts = { 0 } -- of seven digits, lowest first
  for _, word in ipairs(words) do
    local carry = word
    for i = 1, #parts do
      local sum = parts[i] * 65536 + carry
      carry = floor(sum / 10000000)
      parts[i] = sum % 10000000
    end
    if carry > 0 then parts[#parts + 1] = carry end
  end
  local text = format("%d", parts[#parts])
  for i = #parts - 1, 1, -1 do text = text .. format("%07d", parts[i]) end
  return negative and "-" .. text or text
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
  if find(text, "%z") then return (text:gsub("%z", "\226\144\128")) end
  return text
end
