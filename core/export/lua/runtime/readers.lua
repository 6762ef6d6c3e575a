-- What the readers of structures share ----------------------------------------------------------

-- The readers themselves, each `o` to where it ends; functions of framings, checks.
local S, R = {}, {}
-- Checks that readers share; `newest_or_later` is the release that is read by where nothing tells
-- the newest known from those to come.
local check = { newest_or_later = 2 ^ 53 - 2 }
-- Where a value that was tried tells its findings.
local HERE = nil

-- Text of the bytes from `at` to `o`.
local text
do
-- Texts met before that are plain: names come again and again.
local plain, plain_count = {}, 0

function text(t, at, o, nul, field)
  local bytes = sub(B, at + 1, o)
  if plain[bytes] then return bytes end
  if not find(bytes, "[%z\128-\255]") then
    if #bytes <= 40 then
      if plain_count >= 4096 then plain, plain_count = {}, 0 end
      plain[bytes], plain_count = true, plain_count + 1
    end
    return bytes
  end
  local made, valid = utf8_text(bytes)
  if not valid then
    problem(t, "malformed", at, "text is not UTF-8", field)
  elseif not nul and find(bytes, "%z") then
    problem(t, "protocol", at, "text holds a NUL")
  end
  return made
end
end

local function zeros(t, at, o)
  if is_zero(B, at, o) then return end
  local first = find(B, "[^%z]", at + 1) - 1
  if RELEASE == LATEST then
    note(t, "undecoded", first, "a reserved byte is in use: newer than this program knows")
  else
    problem(t, "protocol", first, "reserved byte is not zero")
  end
end

-- A number without a name, where the protocol leaves room for more, and where it does not.
function check.new_value(t, at)
  local value = byte(B, at + 1)
  note(t, "undecoded", at, "value " .. value .. " is newer than this program knows")
end

function check.unknown_value(t, at)
  if RELEASE == LATEST then return check.new_value(t, at) end
  problem(t, "protocol", at, "unknown value " .. byte(B, at + 1))
end

local function release_text(release)
  local edge, patch = release % 1000, math.floor(release / 1000) % 1000
  local series = math.floor(release / 1000000)
  local text = string.format("%d.%d", math.floor(series / 1000), series % 1000)
  if patch ~= 0 and patch ~= 999 then text = text .. string.format(".%d", patch) end
  return (edge == 0 or edge == 999) and text or text .. string.format("-edge.%d", edge)
end

-- A name out of a list, which has the first release of each.
function check.listed(t, at, what, names, name)
  local from = names[name]
  if from == nil and name ~= "" then
    note(t, "undecoded", at, what .. " " .. name .. " is newer than this program knows")
  elseif from and RELEASE < from then
    problem(t, "protocol", at, what .. " " .. name .. " came with release " .. release_text(from))
  end
end

local function padding(t, at, o)
  for i = at, o - 1 do
    if byte(B, i + 1) ~= 0 then problem(t, "protocol", i, "padding is not zero") end
  end
end

-- Tells of bytes behind the last field of a payload or part. A release to come may have added
-- them, unless something tells that the release is an older one.
function check.left_over(t, o, e, known, field)
  local newer = (e - o) .. " bytes after the last field: newer than this program knows"
  if RELEASE == LATEST then
    note(t, "undecoded", o, newer)
  elseif RELEASE == check.newest_or_later then
    problem(t, "undecoded", o, newer .. ", or malformed")
  else
    problem(t, "malformed", o, (e - o) .. " " .. known, field)
  end
end

-- Tells of what a part has left over; gives its end.
local function left_over(t, o, e, field)
  check.left_over(t, o, e, "bytes too many", field)
  return e
end

-- Tries a reader of one value that has to take all bytes from `o` to `e`. Gives whether it could,
-- and the value's text where it is wanted.
local function attempt(case, size, o, e, want)
  if case == nil then return false end
  if size then
    if size > 0 and size ~= e - o then return false end
    local _, value = case(o, e, want)
    return true, value
  end
  local ok, stop, value = pcall(case, o, e, want)
  if not ok and stop ~= MALFORMED then error(stop, 0) end
  return ok and stop == e, value
end

-- A value whose reader the field `name` beside it names.
local function by_tag(cases, sizes, o, e, t, name, tag, field, want)
  want = want or t and true
  local case = cases[tag]
  if case then
    local before, size, fits, value = PROBLEMS, sizes[tag], nil, nil
    if size == 0 or size == e - o then
      fits, value = case(o, e, want)
    else
      fits, value = attempt(case, size, o, e, want)
    end
    if fits and PROBLEMS == before then return e, value end
    PROBLEMS = before
    note(t, "malformed", o, "value does not fit " .. name .. " " .. tostring(tag), field)
  end
  return e, want == true and hex(B, o, e - o) or nil
end

-- A byte that names the form, a length, the value.
local function one_of(forms, sizes, o, e, t, field, want)
  if o + 2 > e then
    if o >= e then short(o, 1, e, field) end
    short(o + 1, 1, e, field)
  end
  local tag, length = byte(B, o + 1, o + 2)
  local start, stop = o + 2, o + 2 + length
  if stop > e then short(start, length, e, field) end
  want = want or t and true
  local before = PROBLEMS
  local fits, value = attempt(forms[tag], sizes[tag], start, stop, want)
  if fits then
    if t and PROBLEMS > before then
      PROBLEMS, HERE = before, t
      forms[tag](start, stop, want)
      HERE = nil
    end
    return stop, value
  end
  PROBLEMS = before
  problem(t, "malformed", o, "form " .. tag .. " with " .. length .. " bytes", field)
  return stop, want == true and hex(B, start, length) or nil
end

-- What a reader makes of the rest of the part, or its bytes where it cannot: then gives where
-- they are.
local or_bytes
do
-- By reader, bytes that it is known to read: a message's headers come again with each consumer.
local readable, readable_count = {}, 0

local function keep(part, bytes)
  if readable_count >= 1024 then readable, readable_count = {}, 0 end
  readable[part] = readable[part] or {}
  readable[part][bytes], readable_count = true, readable_count + 1
end

local function reads_all(part, o, e, ...)
  local ok, stop = pcall(part, o, e, nil, nil, ...)
  if not ok and stop ~= MALFORMED then error(stop, 0) end
  return ok and stop == e
end

function or_bytes(part, o, e, t, n, what, ...)
  if SOUND then return part(o, e, t, n, ...), nil end
  local before, known = PROBLEMS, readable[part]
  local bytes = t and e - o <= 1024 and select("#", ...) == 0 and sub(B, o + 1, e)
  local fits = bytes and known and known[bytes]
  if not fits then
    fits = reads_all(part, o, e, ...)
    if fits and bytes then keep(part, bytes) end
    PROBLEMS = before
  end
  if fits then
    if t then
      part(o, e, t, n, ...)
      PROBLEMS = before
    end
    return e, nil
  end
  note(t, "undecoded", o, "not readable as " .. what .. "; kept as bytes")
  return e, o
end
end

-- Texts of a list's items, and of a structure's fields.
local function joined(words, value)
  return words and words .. "," .. value or value
end

local function together(words, value)
  if not value then return words end
  return words and words .. ":" .. value or value
end

function check.ends_of(t, at, entries, stops, name)
  for i = 1, min(#entries, #stops) do
    if entries[i] ~= stops[i] then
      local entry = name .. " " .. entries[i] .. " of entry " .. (i - 1)
      return note(t, "protocol", at, entry .. ", but its item ends at " .. stops[i])
    end
  end
end

do
local CRC_TABLE = {}
for value = 0, 255 do
  local crc = value
  for _ = 1, 8 do
    local shifted = bit.rshift(crc, 1)
    crc = crc % 2 == 1 and bit.bxor(shifted, 0xedb88320) or shifted
  end
  CRC_TABLE[value] = crc
end

local function crc32(bytes, start, stop)
  local crc = -1
  for i = start + 1, stop do
    local index = bit.band(bit.bxor(crc, byte(bytes, i)), 255)
    crc = bit.bxor(bit.rshift(crc, 8), CRC_TABLE[index])
  end
  return bit.bnot(crc) % 4294967296
end

local function told_checksum(at)
  return "checksum 0x" .. u64le(B, at):tohex()
end

-- A CRC-32 of what follows in the structure, in eight bytes; 0 where none was made.
function check.crc32(t, at, o)
  if is_zero(B, at, at + 8) then return end
  if not is_zero(B, at + 4, at + 8) then
    problem(t, "protocol", at, told_checksum(at) .. " is no CRC-32")
  elseif t and settings.verify_checksums then
    local actual = crc32(B, at + 8, o)
    if actual ~= u32le(B, at) then
      local message = told_checksum(at) .. ", but the bytes give " .. format("0x%016x", actual)
      message = message .. " (CRC-32): damaged, or encrypted at rest by the server"
      note(t, "protocol", at, message)
    end
  end
end

function check.not_crc32(t, at)
  if is_zero(B, at + 4, at + 8) and not is_zero(B, at, at + 4) then
    problem(t, "protocol", at, told_checksum(at) .. " is no XXH3-64")
  end
end
end
