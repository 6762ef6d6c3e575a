-- Reading bytes --------------------------------------------------------------------------------

-- What is thrown where bytes end too early; it is caught at the border of the PDU.
local Malformed = {}
Malformed.__index = Malformed

-- Bytes of a field, by place; they are never copied.
local Bytes = {}
Bytes.__index = Bytes

local function malformed(message, offset)
  error(setmetatable({ message = message, offset = offset }, Malformed), 0)
end

-- A Lua number of a field's value, whichever its size.
local function number_of(value)
  if type(value) == "userdata" then return value:tonumber() end
  return tonumber(value) or 0
end

-- Reads the little-endian values of one PDU. Offsets count from the PDU's first byte. `item` is
-- the tree item that fields go under, nil where no tree is wanted; `node` the field being read.
local Cursor = {}
Cursor.__index = Cursor

local function new_cursor(bytes, start, stop, release)
  return setmetatable({
    bytes = bytes,
    offset = start,
    limit = stop,
    release = release,
    problems = 0, -- what speaks against this release
    limits = {}, -- of the parts around the one being read
    open = {}, -- groups of the tree whose end is not known yet
  }, Cursor)
end

function Cursor:take(length)
  local offset = self.offset
  if length > self.limit - offset then
    malformed(length .. " bytes needed, " .. (self.limit - offset) .. " left", offset)
  end
  self.offset = offset + length
  return offset
end

-- Limits reading to the next `length` bytes; gives the old limit, to be set again.
function Cursor:narrow(length)
  local offset, limit = self:take(length), self.limit
  self.offset, self.limit = offset, offset + length
  return limit
end

function Cursor:u8()
  return self.bytes:byte(self:take(1) + 1)
end

function Cursor:u32()
  local a, b, c, d = self.bytes:byte(self:take(4) + 1, self.offset)
  return a + b * 256 + c * 65536 + d * 16777216
end

-- A finding that also speaks against this release.
function Cursor:problem(group, message, offset)
  self.problems = self.problems + 1
  self:report(group, "warn", message, offset)
end

-- A finding that leaves the release in no doubt.
function Cursor:note(group, message, offset)
  self:report(group, "note", message, offset)
end

-- `u32le(bytes, 4)`: the number in bytes 4 to 7 of a string.
local function u32le(bytes, at)
  local a, b, c, d = bytes:byte(at + 1, at + 4)
  if d == nil then return nil end
  return a + b * 256 + c * 65536 + d * 16777216
end

local function u64le(bytes, at)
  return UInt64(u32le(bytes, at), u32le(bytes, at + 4))
end

local ZEROS = string.rep("\0", 256)

local function is_zero(bytes, start, stop)
  return bytes:sub(start + 1, stop) == ZEROS:sub(1, stop - start)
end

-- The decimal text of 16 little-endian bytes.
local function decimal_of_16(bytes, at, signed)
  local words = {}
  for i = 7, 0, -1 do
    local low, high = bytes:byte(at + 2 * i + 1, at + 2 * i + 2)
    words[#words + 1] = low + high * 256
  end
  local negative = signed and words[1] >= 32768
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
      carry = math.floor(sum / 10000000)
      parts[i] = sum % 10000000
    end
    if carry > 0 then parts[#parts + 1] = carry end
  end
  local text = string.format("%d", parts[#parts])
  for i = #parts - 1, 1, -1 do text = text .. string.format("%07d", parts[i]) end
  return negative and "-" .. text or text
end

-- The shortest text that reads back as the same number.
local function shortest(value)
  for digits = 1, 17 do
    local text = string.format("%." .. digits .. "g", value)
    if tonumber(text) == value then return text end
  end
  return tostring(value)
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
  if not bytes:find("[\128-\255]") then return bytes, true end
  local parts, valid, at = {}, true, 1
  while at <= #bytes do
    local lead = bytes:byte(at)
    local stop = at
    if lead >= 0x80 then
      local more, least, most = utf8_shape(lead)
      local left = more or 1
      while more and left > 0 do
        local byte = bytes:byte(stop + 1)
        if byte == nil or byte < least or byte > most then break end
        stop, left, least, most = stop + 1, left - 1, 0x80, 0xbf
      end
      if left > 0 then
        valid = false
        parts[#parts + 1] = "\239\191\189"
      else
        parts[#parts + 1] = bytes:sub(at, stop)
      end
    else
      stop = (bytes:find("[\128-\255]", at) or #bytes + 1) - 1
      parts[#parts + 1] = bytes:sub(at, stop)
    end
    at = stop + 1
  end
  return table.concat(parts), valid
end
