-- Releases -------------------------------------------------------------------------------------

-- A payload's layout: its reader, the releases at which it changes, and its fields' paths.
local function layout(path, reader, least, borders, empty)
  local one = { path = path, reader = reader, least = least, borders = borders }
  one.node, one.empty = nodes[path], empty
  return one
end

local NOTHING = {}

-- Reads `bytes` from `start` to `stop` by a layout as one release has it. `view` says where in
-- the tree the fields go; without it nothing is shown.
local function decode(of, bytes, start, stop, release, view)
  local c = new_cursor(bytes, start, stop, release)
  if view ~= nil then
    c.item, c.tvb, c.base, c.cut, c.node = view.item, view.tvb, view.base, view.cut, of.node
  end
  local item = c.item
  local ok, value = pcall(of.reader, c, NOTHING, NOTHING)
  if not ok then
    if getmetatable(value) ~= Malformed then error(value, 0) end
    c.problems = c.problems + 1
    c:report("malformed", "error", value.message, value.offset)
    for _, group in ipairs(c.open) do group.item:set_len(c.offset - group.start) end
  elseif c.offset < stop then
    c.item = item
    c:problem("malformed", (stop - c.offset) .. " trailing bytes", c.offset)
  end
  local fields = c.root or NOTHING
  return { fields = fields, problems = c.problems, complete = ok, told = c.told }
end

-- Which of a layout's forms a release has, by number.
local function form_of(of, release)
  local form = 0
  for _, border in ipairs(of.borders) do
    if border <= release then form = form + 1 end
  end
  return form
end

-- Whether every release still possible lays it out alike.
local function agrees_on(releases, of)
  return form_of(of, releases[1]) == form_of(of, releases[#releases])
end

-- One release for each different form, newest first.
local function forms_in(releases, of)
  local found, last = {}, nil
  for i = #releases, 1, -1 do
    local form = form_of(of, releases[i])
    if form ~= last then found[#found + 1], last = releases[i], form end
  end
  return found
end

-- Reads a payload by the newest release that explains it exactly, and drops those of
-- `releases` that do not. Where none does, the reading with the fewest faults decides.
local function choose_release(releases, of, bytes, start, stop)
  if start >= stop or agrees_on(releases, of) then return releases[#releases] end
  local fitting, best, least, all = {}, nil, math.huge, forms_in(releases, of)
  for _, release in ipairs(all) do
    local reading = decode(of, bytes, start, stop, release)
    if reading.problems == 0 then
      fitting[form_of(of, release)] = true
      if least > 0 then best, least = release, 0 end
    elseif reading.problems + (reading.complete and 0 or 1000) < least then
      best, least = release, reading.problems + (reading.complete and 0 or 1000)
    end
  end
  if least > 0 then return best end
  for i = #releases, 1, -1 do
    if not fitting[form_of(of, releases[i])] then table.remove(releases, i) end
  end
  return best
end

-- Whether some release still possible reads the payload without a fault, but for its end where
-- only the beginning is there.
local function fits_some(releases, of, bytes, start, stop, beginning)
  for _, release in ipairs(forms_in(releases, of)) do
    local reading = decode(of, bytes, start, stop, release)
    if reading.problems == 0 then return true end
    if beginning and not reading.complete and reading.problems == 1 then return true end
  end
  return false
end

-- Keeps only the layout generation that a stated release belongs to.
local function settle(releases, release)
  local known = releases[1]
  for _, candidate in ipairs(releases) do
    if candidate <= release then known = candidate end
  end
  for i = #releases, 1, -1 do
    if releases[i] ~= known then table.remove(releases, i) end
  end
end

-- The number of a server's version text, nil where it names none: "0.9.0-edge.5".
local function release_of(text)
  local major, minor, rest = text:match("^(%d%d?%d?)%.(%d%d?%d?)(.*)$")
  if major == nil then return nil end
  local edge = rest:match("^%.%d+%-edge%.(%d%d?%d?)") or rest:match("^%-edge%.(%d%d?%d?)")
  return (tonumber(major) * 1000 + tonumber(minor)) * 1000 + (tonumber(edge) or 999)
end

local function release_text(release)
  local edge, series = release % 1000, math.floor(release / 1000)
  local text = string.format("%d.%d", math.floor(series / 1000), series % 1000)
  return (edge == 0 or edge == 999) and text or text .. string.format("-edge.%d", edge)
end

-- The narrowest range known: 0.5, 0.6+, 0.6..0.7.
local function range_text(releases, newest)
  local first, last = releases[1], releases[#releases]
  if last == newest then return release_text(first) .. "+" end
  if first == last then return release_text(first) end
  return release_text(first) .. ".." .. release_text(last)
end
