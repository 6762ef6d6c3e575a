-- Readers: one function for each way a value stands on the wire --------------------------------

local R, K, S = {}, {}, {} -- of the runtime, made of those, and of structures

R.u8 = Cursor.u8
R.u32 = Cursor.u32

function R.u16(c)
  local low, high = c.bytes:byte(c:take(2) + 1, c.offset)
  return low + high * 256
end

function R.u64(c)
  return u64le(c.bytes, c:take(8))
end

function R.i64(c)
  local at = c:take(8)
  return Int64(u32le(c.bytes, at), u32le(c.bytes, at + 4))
end

function R.u128(c)
  return decimal_of_16(c.bytes, c:take(16), false)
end

function R.i128(c)
  return decimal_of_16(c.bytes, c:take(16), true)
end

local function signed(reader, bits)
  return function(c)
    local value = reader(c)
    return value >= 2 ^ (bits - 1) and value - math.floor(2 ^ bits) or value
  end
end
R.i8, R.i16, R.i32 = signed(R.u8, 8), signed(R.u16, 16), signed(R.u32, 32)

function R.f32(c)
  return (Struct.unpack("<f", c.bytes:sub(c:take(4) + 1, c.offset)))
end

function R.f64(c)
  return (Struct.unpack("<d", c.bytes:sub(c:take(8) + 1, c.offset)))
end

function R.bool(c)
  local value = c:u8()
  if value > 1 then
    c:problem("protocol", "flag byte " .. value .. " is neither 0 nor 1", c.offset - 1)
  end
  return value ~= 0
end

function R.enumeration(names)
  return function(c)
    local value = c:u8()
    local name = names[value]
    if name == nil then c:problem("protocol", "unknown value " .. value, c.offset - 1) end
    return name or value
  end
end

local function judge_id(c, value, since, offset)
  if value == 0 and c.release < since then
    c:problem("protocol", "id 0, though ids count from 1", offset)
  end
end

function R.id_from(since)
  return function(c)
    local value = c:u32()
    judge_id(c, value, since, c.offset - 4)
    return value
  end
end

function R.exactly(inner, wanted)
  return function(c, v, outer)
    local offset = c.offset
    local value = inner(c, v, outer)
    local same = value == wanted
    if type(value) == "userdata" then same = tostring(value) == tostring(wanted) end
    if not same then
      c:problem("protocol", tostring(value) .. ", where only " .. wanted .. " is legal", offset)
    end
    return value
  end
end

function R.within(inner, least, most)
  return function(c, v, outer)
    local offset = c.offset
    local value = inner(c, v, outer)
    if value < least or value > most then
      c:problem("protocol", value .. " is not in " .. least .. ".." .. most, offset)
    end
    return value
  end
end

function R.nullable(inner, absent)
  return function(c, v, outer)
    local value = inner(c, v, outer)
    if value == absent then return nil end
    return value
  end
end

local function read_text(c, length)
  local offset = c:take(length)
  local bytes = c.bytes:sub(offset + 1, offset + length)
  local text, valid = utf8_text(bytes)
  if not valid then
    c:problem("malformed", "text is not UTF-8", offset)
  elseif bytes:find("\0", 1, true) then
    c:problem("protocol", "text holds a NUL", offset)
  end
  return text
end

function R.text8(c)
  return read_text(c, c:u8())
end

function R.name8(c)
  local length = c:u8()
  if length == 0 then c:problem("protocol", "empty name", c.offset - 1) end
  return read_text(c, length)
end

function R.text32(c)
  return read_text(c, c:u32())
end

function R.optional_text32(c)
  if c.offset == c.limit then return nil end
  local length = c:u32()
  if length == 0 then return nil end
  return read_text(c, length)
end

function R.empty_is_nil(inner)
  return function(c, v, outer)
    local text = inner(c, v, outer)
    if text == "" then return nil end
    return text
  end
end

function R.text_rest(c)
  local offset = c:take(c.limit - c.offset)
  local text, valid = utf8_text(c.bytes:sub(offset + 1, c.offset))
  if not valid then c:problem("malformed", "text is not UTF-8", offset) end
  return text
end

function R.name_rest(c)
  if c.offset == c.limit then c:problem("protocol", "empty name", c.offset) end
  return read_text(c, c.limit - c.offset)
end

function R.fixed_text(length)
  return function(c)
    return read_text(c, length)
  end
end

function R.magic(wanted)
  return function(c)
    local offset = c:take(#wanted)
    local text = c.bytes:sub(offset + 1, c.offset)
    if text ~= wanted then c:problem("malformed", "no " .. wanted, offset) end
    return text
  end
end

local function take_bytes(c, length)
  local offset = c:take(length)
  return setmetatable({ offset = offset, length = length }, Bytes)
end

function R.bytes_rest(c)
  return take_bytes(c, c.limit - c.offset)
end

function R.bytes_of(name)
  return function(c, v)
    return take_bytes(c, number_of(v[name]))
  end
end

function R.fixed_bytes(length)
  return function(c)
    return take_bytes(c, length)
  end
end

function R.absent()
  return nil
end

function R.zeros(length)
  return function(c)
    local offset = c:take(length)
    if not is_zero(c.bytes, offset, c.offset) then
      local wrong = c.bytes:find("[^%z]", offset + 1) - 1
      c:problem("protocol", "reserved byte is not zero", wrong)
    end
    return nil
  end
end

-- A password, token or key: the tree shows its length, unless the preference asks for more.
function R.secret(inner, size)
  return function(c, v, outer)
    local value = inner(c, v, outer)
    if c.item ~= nil then c.secret = { size = size } end
    return value
  end
end

-- A field made of others; it takes no bytes.
function R.sum_of(outer_name, name)
  return function(c, v, outer)
    local sum = outer[outer_name]
    if sum == nil then return nil end
    c.generated = c.item ~= nil
    if name then sum = sum + UInt64(number_of(v[name])) end
    return sum
  end
end

function R.command_code(c, v)
  local code = c:u32()
  if code ~= 0 and v.operation ~= "non_replicated" then
    local message = "command code " .. code .. " beside an operation that has none"
    c:problem("protocol", message, c.offset - 4)
  end
  return code
end
