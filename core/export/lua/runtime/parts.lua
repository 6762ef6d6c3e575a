-- Readers of parts, lists and variants ---------------------------------------------------------

function R.optional(inner, padding)
  return function(c, v, outer)
    local flag = c:u8()
    if flag > 1 then
      local message = "presence byte " .. flag .. " is neither 0 nor 1"
      c:problem("protocol", message, c.offset - 1)
    end
    if flag == 1 then return inner(c, v, outer) end
    for _ = 1, padding do
      if c:u8() ~= 0 then c:problem("protocol", "padding is not zero", c.offset - 1) end
    end
    return nil
  end
end

-- Reads what has to fill the next `length` bytes; what it leaves over is reported.
local function read_part(c, length, inner, v, outer)
  if length < 0 then malformed("length " .. length .. " of a part", c.offset) end
  local limit = c:narrow(length)
  local value = inner(c, v, outer)
  if c.offset < c.limit then
    c:problem("malformed", (c.limit - c.offset) .. " bytes too many", c.offset)
    c.offset = c.limit
  end
  c.limit = limit
  return value
end

function R.sized(length, inner)
  return function(c, v, outer)
    local begin = c.begin
    local bytes = length(c, v, outer)
    c.begin = begin
    return read_part(c, bytes, inner, v, outer)
  end
end

function R.sized_by(name, inner, before)
  return function(c, v, outer)
    return read_part(c, number_of(v[name]) - before, inner, v, outer)
  end
end

-- A length of the fields up to the next end_of_part.
function R.length_of_part(length)
  return function(c, v, outer)
    local value = length(c, v, outer)
    c.limits[#c.limits + 1] = c:narrow(value)
    return value
  end
end

function R.end_of_part(c)
  if c.offset < c.limit then
    c:problem("malformed", (c.limit - c.offset) .. " bytes too many", c.offset)
  end
  c.offset = c.limit
  c.limit = table.remove(c.limits) or c.limit
  return nil
end

-- Refuses a count that the bytes left cannot hold, before any loop.
local function check_count(c, count, least, offset)
  least = math.max(1, least)
  local left = c.limit - c.offset
  if count * least > left then
    local needed = "count " .. count .. " needs at least " .. count * least .. " bytes, "
    malformed(needed .. left .. " left", offset)
  end
end

local function read_items(c, count, item, v, outer)
  local items = { n = 0 }
  for _ = 1, count do read_item(c, items, item, v, outer) end
  end_list(c, items)
  return items
end

-- Items to the end of the part; a field beside them may count them.
function R.list(item, count_name)
  return function(c, v, outer)
    local items, start = { n = 0 }, c.offset
    while c.offset < c.limit do
      local offset = c.offset
      read_item(c, items, item, v, outer)
      if c.offset == offset then malformed("empty list entry", offset) end
    end
    end_list(c, items)
    if count_name and v[count_name] ~= items.n then
      local announced = count_name .. " is " .. tostring(v[count_name])
      c:problem("malformed", announced .. ", but " .. items.n .. " follow", start)
    end
    return items
  end
end

function R.list_of_count(item, count_name, least)
  return function(c, v, outer)
    local count = number_of(v[count_name])
    check_count(c, count, least, c.offset)
    return read_items(c, count, item, v, outer)
  end
end

function R.counted(count_reader, item, least)
  return function(c, v, outer)
    local offset = c.offset
    local count = count_reader(c, v, outer)
    check_count(c, count, least, offset)
    return read_items(c, count, item, v, outer)
  end
end

function R.single(item)
  return function(c, v, outer)
    return read_items(c, 1, item, v, outer)
  end
end

-- A byte 1 before each entry and 0 after the last.
function R.chain(entry)
  return function(c, v, outer)
    local items = { n = 0 }
    while true do
      local flag = c:u8()
      if flag > 1 then
        local message = "flag byte " .. flag .. " is neither 0 nor 1"
        c:problem("protocol", message, c.offset - 1)
      end
      if flag == 0 then break end
      if items.n == 0 and c.offset == c.limit then
        c:note("malformed", "entries announced, none follows", c.offset - 1)
        break
      end
      read_item(c, items, entry, v, outer)
    end
    end_list(c, items)
    return items
  end
end

-- A count and an entry length, then the entries; bytes that later releases add are skipped.
function R.measured_list(item, least)
  return function(c, v, outer)
    local offset = c.offset
    local count, length = c:u32(), c:u8()
    if length < least or count * length > c.limit - c.offset then
      malformed(count .. " entries of " .. length .. " bytes", offset)
    end
    if length > least then
      c:note("undecoded", (length - least) .. " more bytes in each entry", offset + 4)
    end
    local items = { n = 0 }
    for _ = 1, count do
      local limit = c:narrow(length)
      read_item(c, items, item, v, outer)
      c.offset, c.limit = c.limit, limit
    end
    end_list(c, items)
    return items
  end
end

-- Whether a reader can take the rest of the part. Tries it without a tree, then for good.
local function attempt(c, inner, v, outer, exact)
  local offset, limit, problems = c.offset, c.limit, c.problems
  local item, node, begin, depth = c.item, c.node, c.begin, #c.limits
  c.item = nil
  local ok, value = pcall(inner, c, v, outer)
  if not ok and getmetatable(value) ~= Malformed then error(value, 0) end
  local fits = ok and c.offset == c.limit and not (exact and c.problems > problems)
  c.item, c.node, c.begin = item, node, begin
  if fits and item == nil then return true, value end
  c.offset, c.limit, c.problems = offset, limit, problems
  for i = #c.limits, depth + 1, -1 do c.limits[i] = nil end
  if not fits then return false end
  return true, inner(c, v, outer)
end

-- What a reader makes of the rest of the part, or its bytes where it cannot.
function R.or_bytes(inner, what)
  return function(c, v, outer)
    local offset, problems = c.offset, c.problems
    local fits, value = attempt(c, inner, v, outer, false)
    c.problems = problems
    if fits then return value end
    c:note("undecoded", "not readable as " .. what .. "; kept as bytes", offset)
    return R.bytes_rest(c)
  end
end

-- A value whose reader the field `tag_name` beside it names.
function R.by_tag(tag_name, cases)
  return function(c, v, outer)
    local offset, tag = c.offset, v[tag_name]
    local inner = cases[tag]
    if inner then
      local fits, value = attempt(c, inner, v, outer, true)
      if fits then return value end
      local message = "value does not fit " .. tag_name .. " " .. tostring(tag)
      c:note("malformed", message, offset)
    end
    return R.bytes_rest(c)
  end
end

-- A byte that names the form, a length, the value.
function R.one_of(forms)
  return function(c, v, outer)
    local offset, tag, length = c.offset, c:u8(), c:u8()
    local limit = c:narrow(length)
    local fits, value = false, nil
    if forms[tag] then fits, value = attempt(c, forms[tag], v, outer, false) end
    if not fits then
      c:problem("malformed", "form " .. tag .. " with " .. length .. " bytes", offset)
      value = R.bytes_rest(c)
    end
    c.limit = limit
    return value
  end
end

-- A form for each range of releases; the last one serves where none fits.
function R.by_release(...)
  local forms = { ... }
  return function(c, v, outer)
    for _, form in ipairs(forms) do
      if form[1] <= c.release and c.release <= form[2] then return form[3](c, v, outer) end
    end
    return forms[#forms][3](c, v, outer)
  end
end
