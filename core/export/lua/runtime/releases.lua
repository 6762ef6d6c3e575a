-- Releases -------------------------------------------------------------------------------------

-- A payload's layout: its reader in each form, the functions that give texts of it, fewest
-- bytes, and the releases at which the form changes.
local function layout(path, readers, texts, least, borders, empty)
  local one = { path = path, readers = readers, texts = texts, least = least, empty = empty }
  one.borders, one.form_of, one.node = borders, {}, nodes[path]
  return one
end

local NOTHING = {}

-- Which of a layout's forms a release has, by number.
local function form_of(of, release)
  local form = of.form_of[release]
  if form == nil then
    form = 1
    for _, border in ipairs(of.borders) do
      if border <= release then form = form + 1 end
    end
    of.form_of[release] = form
  end
  return form
end

-- Reads `bytes` from `start` to `stop` by a layout as one release has it. Gives whether all of
-- it could be read.
local function run(of, release, bytes, start, stop, item)
  local reader, node = of.readers[form_of(of, release)], item and of.node
  B, PROBLEMS, DEPTH, RELEASE = bytes, 0, 0, release
  local ok, o = pcall(reader, start, stop, item, node)
  if not ok then
    if o ~= MALFORMED then error(o, 0) end
    PROBLEMS = PROBLEMS + 1
    for i = 1, DEPTH do set_len(OPEN[i], FAULT_STOP - OPEN_AT[i]) end
    report(OPEN[DEPTH] or item, "malformed", "error", FAULT, FAULT_AT, FAULT_FIELD)
  elseif o < stop then
    check.left_over(item, o, stop, "trailing bytes")
  end
  return ok
end

-- How many findings speak against reading bytes as one release does, and whether they could be
-- read.
local function judge(of, bytes, start, stop, release)
  local complete = run(of, release, bytes, start, stop, nil)
  return PROBLEMS, complete
end

-- Puts the fields of bytes into the tree under `item`; `base` is where the PDU begins in the Tvb.
local function fill(of, bytes, start, stop, release, item, tvb, at, cut, sound)
  TVB, BASE, CUT, MAX_ITEMS, SOUND = tvb, at, cut, settings.max_items, sound
  LAYOUT = of.path
  run(of, release, bytes, start, stop, item)
  SOUND = false
end

-- Whether there is anything to be found in bytes, however small.
local function has_findings(of, bytes, start, stop, release)
  FOUND = false
  run(of, release, bytes, start, stop, nil)
  return FOUND or PROBLEMS > 0
end

-- Texts of a layout's fields by name: those of its one-line summary, and those that its framing
-- reads. What could be read before a fault is given.
local function texts_of(of, bytes, start, stop, release)
  local reader = of.texts[form_of(of, release)]
  local words = {}
  if not reader then return words end
  B, PROBLEMS, RELEASE = bytes, 0, release
  local ok, fault = pcall(reader, start, stop, words)
  if not ok and fault ~= MALFORMED then error(fault, 0) end
  return words, ok and PROBLEMS == 0
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
-- `releases` that do not. Where none does, the reading with the fewest faults decides. Gives
-- also whether nothing was found in it.
local function choose_release(releases, of, bytes, start, stop)
  local fitting, best, least, sound = {}, nil, math.huge, false
  for _, release in ipairs(forms_in(releases, of)) do
    FOUND = false
    local problems, complete = judge(of, bytes, start, stop, release)
    if problems == 0 then
      fitting[form_of(of, release)] = true
      if least > 0 then best, least, sound = release, 0, not FOUND end
    elseif problems + (complete and 0 or 1000) < least then
      best, least = release, problems + (complete and 0 or 1000)
    end
  end
  if least > 0 then return best, false end
  for i = #releases, 1, -1 do
    if not fitting[form_of(of, releases[i])] then table.remove(releases, i) end
  end
  return best, sound
end

-- Whether some release still possible reads the payload without a fault, but for its end where
-- only the beginning is there.
local function fits_some(releases, of, bytes, start, stop, beginning)
  for _, release in ipairs(forms_in(releases, of)) do
    local problems, complete = judge(of, bytes, start, stop, release)
    if problems == 0 then return true end
    if beginning and not complete and problems == 1 then return true end
  end
  return false
end

local Releases = {} -- what is done with releases that are still possible

-- The releases of `all` that a stated range belongs to.
function Releases.within(all, first, last)
  if last == LATEST then return { LATEST } end
  local kept = {}
  for i, candidate in ipairs(all) do
    local next = all[i + 1] or LATEST
    if candidate <= last and next > first then kept[#kept + 1] = candidate end
  end
  if #kept == 0 then kept[1] = all[1] end
  kept.stated = first == last
  return kept
end

-- What a payload is read by: `release`, which explains it best. The newest known stands for those
-- to come too, unless something tells that the release is an older one.
function Releases.reading_by(releases, release, conversation)
  local open = not conversation.framing.ended and not releases.stated
  return open and release == conversation.newest and check.newest_or_later or release
end

-- Makes `releases` those that `kept` lists.
function Releases.replace(releases, kept)
  for i = #releases, 1, -1 do releases[i] = nil end
  for i, release in ipairs(kept) do releases[i] = release end
  if kept.stated ~= nil then releases.stated = kept.stated end
end

-- Keeps the releases of a range; does nothing where none would be left.
function Releases.keep(releases, first, last)
  local kept = {}
  for _, release in ipairs(releases) do
    if release >= first and release <= last then kept[#kept + 1] = release end
  end
  if #kept > 0 and #kept < #releases then Releases.replace(releases, kept) end
end

-- The number of a server's version text, nil where it names none: "0.9.0-edge.5".
local function release_of(text)
  local major, minor, rest = text:match("^(%d%d?%d?)%.(%d%d?%d?)(.*)$")
  if major == nil then return nil end
  local patch, more = rest:match("^%.(%d%d?%d?)(.*)$")
  local edge = (more or rest):match("^%-edge%.(%d%d?%d?)")
  local series = tonumber(major) * 1000 + tonumber(minor)
  return (series * 1000 + (tonumber(patch) or 0)) * 1000 + (tonumber(edge) or 999)
end

-- The narrowest range known: 0.5, 0.6+, 0.6..0.7.
local function range_text(releases, newest)
  local first, last = releases[1], releases[#releases]
  if first == LATEST then return release_text(newest) .. "+" end
  if last == newest then return release_text(first) .. "+" end
  if first == last then return release_text(first) end
  return release_text(first) .. ".." .. release_text(last)
end
