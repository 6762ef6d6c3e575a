-- The tree of a PDU, and its part of the Info column -------------------------------------------

local show
do
local SIDES = { client = "request", server = "response", replica = "request" }
local ARROWS = { client = "→ ", server = "← ", replica = "" }

-- Fields of every PDU, and what a filter, a column or an output may want of a path.
local F, PATHS = {}, {}
for _, name in ipairs({ "request", "response", "command", "code", "status", "status_name",
  "length", "framing", "release", "evicted", "outcome", "failed", "response_in", "request_in", "response_time" }) do
  PATHS[name] = ROOT .. "." .. name
  F[name] = field_of(PATHS[name])
end

local function status_name(pdu)
  local status = pdu.status
  local own = pdu.conversation.framing.status_names
  if own then return own[status] end
  local older = STATUS_BEFORE[status]
  if older and older[pdu.release] then return older[pdu.release] end
  return STATUS[status]
end

-- What stands around a field's text in the one line of a PDU, by the field's name.
local labels = {}

local function label_of(field_name)
  local own_name = field_name:match("[^.]+$")
  local plural = own_name:match("^(.*)_count$")
  local label = plural and { before = "", after = " " .. plural:gsub("_", " ") }
    or { before = own_name:gsub("_id$", "") .. "=", after = "" }
  labels[field_name] = label
  return label
end

-- What a PDU says, in one line.
local function summary(pdu, bytes)
  local name, code = name_of(pdu), code_of(pdu)
  local words = { name or code and "unknown code " .. code or "response" }
  if pdu.evicted then words[#words + 1] = "evicted: " .. pdu.evicted end
  if pdu.status ~= nil then
    local status = status_name(pdu) or "unknown status"
    words[#words + 1] = pdu.status == 0 and status or status .. " (" .. pdu.status .. ")"
  end
  local layout = pdu.layout
  if pdu.command == nil or layout == nil or pdu.start >= pdu.stop then
    return table.concat(words, " ")
  end
  local texts = texts_of(layout, bytes(), pdu.start, pdu.stop, pdu.release)
  for _, field_name in ipairs(pdu.command.info) do
    local value = texts[field_name]
    if value then
      local label = labels[field_name] or label_of(field_name)
      if find(value, "%c") then value = value:gsub("%c", "?") end
      words[#words + 1] = label.before .. value .. label.after
    end
  end
  return table.concat(words, " ")
end

-- Which fields a filter, a column or an output wants, by the path they begin with. What is wanted
-- changes only before frames are read again from an earlier one.
local wanted, wanted_at = {}, math.huge
local handle = nil

local function is_wanted(tree, path)
  local known = wanted[path]
  if known ~= nil then return known end
  local size = #path
  handle = handle or Dissector.get(ROOT)
  known = path == ROOT and tree:referenced(handle)
  for i = 1, known and 0 or #order do
    local other = order[i]
    if sub(other, 1, size) == path and (#other == size or byte(other, size + 1) == 46)
      and tree:referenced(field_of(other)) then
      known = true
      break
    end
  end
  wanted[path] = known
  return known
end

local function seconds_of(seconds)
  local nanos = floor(seconds * 1000000000 + 0.5)
  local whole = floor(nanos / 1000000000)
  return NSTime(whole, nanos - whole * 1000000000)
end

-- Adds a field that is not on the wire, if something looks at it.
local function generated(head, name, none, value, all)
  if value ~= nil and (all or is_wanted(head, PATHS[name])) then
    set_generated(add(head, F[name], none, value))
  end
end

-- What became of the transaction that a PDU is of, as far as this look at it tells: that no
-- response came is known once every packet was seen.
local function outcome_of(pdu, pinfo)
  local response = pdu.side == "server" and pdu or pdu.response
  if response then
    if response.evicted then return "evicted" end
    if response.status == nil then return nil end
    return response.status == 0 and "ok" or "error"
  end
  if pdu.name or pdu.command and pdu.command.unanswered then return "one_way" end
  return pinfo.visited and "unanswered" or nil
end

-- Adds what is known of a PDU beside its payload.
local function show_header(pdu, item, tvb, at, whole, none, all, pinfo)
  local head = add(item, F[SIDES[pdu.side]], whole)
  generated(head, "command", none, name_of(pdu), all)
  if pdu.code_at then
    add_le(head, F.code, range(tvb, at + pdu.code_at, 4))
  else
    generated(head, "code", none, code_of(pdu), all)
  end
  if pdu.status_at then
    add_le(head, F.status, range(tvb, at + pdu.status_at, 4))
  else
    generated(head, "status", none, pdu.status, all)
  end
  if pdu.status then generated(head, "status_name", none, status_name(pdu), all) end
  generated(head, "length", none, pdu.length, all)
  generated(head, "framing", none, pdu.conversation.framing.name, all)
  generated(head, "release", none, pdu.range, all)
  generated(head, "evicted", none, pdu.evicted, all)
  local outcome = outcome_of(pdu, pinfo)
  generated(head, "outcome", none, outcome, all)
  if outcome and outcome ~= "ok" and outcome ~= "one_way" then
    generated(head, "failed", none, true, all)
  end
  local request, response = pdu.request, pdu.response
  if request then
    generated(head, "request_in", none, request.frame, all)
    if all or is_wanted(head, PATHS.response_time) then
      generated(head, "response_time", none, seconds_of(pdu.time - request.time), all)
    end
  end
  if response then generated(head, "response_in", none, response.frame, all) end
  return head
end

-- Adds the issues that were found around the fields.
local function show_issues(pdu, item, tvb, at, size)
  for _, found in ipairs(pdu.issues or NOTHING) do
    local place = found.at and at + found.at or nil
    add_finding(item, tvb, place, found.group, found.severity, found.message)
  end
  if pdu.cut then
    local missing = pdu.length - size .. " of " .. pdu.length .. " bytes are missing"
    add_finding(item, nil, nil, "sequence", "warn", missing)
  end
  if pdu.status and status_name(pdu) == nil then
    add_finding(item, nil, nil, "response_code", "note", "unknown status " .. pdu.status)
  end
end

-- Whether there is a payload to read: requests must not lack it, unless their framing says so.
local function has_payload(pdu)
  return pdu.start < pdu.stop
    or SIDES[pdu.side] == "request" and not (pdu.may_be_empty or pdu.layout.empty)
end

-- Adds the header of the framing, and the payload.
local function show_parts(pdu, item, tvb, at, none, bytes, all)
  local framing, layout = pdu.conversation.framing, pdu.layout
  local path = framing.header_of and ROOT .. "." .. framing.name
  if path and (all or is_wanted(item, path)) then
    local text = bytes()
    local stop = min(framing.header, #text)
    local header = framing.header_of(text)
    if header then
      local part = add(item, header.node[0], range(tvb, at, stop))
      fill(header, text, 0, stop, pdu.header_release or pdu.release or math.huge, part, tvb, at, pdu.cut)
    end
  end
  local start, stop = pdu.start, pdu.stop
  if layout and (all or is_wanted(item, layout.path)) then
    local part = add(item, layout.node[0], range(tvb, at + start, stop - start))
    if has_payload(pdu) then
      fill(layout, bytes(), start, stop, pdu.release, part, tvb, at, pdu.cut, pdu.sound)
    end
  elseif layout == nil and start < stop then
    item:add(tvb(at + start, stop - start), (stop - start) .. " bytes, not decoded")
  end
  local one = pdu.command
  if one and (all or is_wanted(item, one.path)) then
    set_hidden(add(item, nodes[one.path][0], none))
  end
end

-- Shows one PDU; gives its line where columns are filled. Where the tree is not looked at, only
-- what something asks for goes into it, and what has findings.
function show(pdu, tvb, tree, pinfo, columns)
  local number, at, size = pinfo.number, pdu.at, pdu.stop
  if number < wanted_at then wanted = {} end
  wanted_at = number
  local own = pdu == pdu_one and pdu_text or nil
  local function bytes()
    own = own or tvb:raw(at, size)
    return own
  end
  local visible = tree.visible
  local all = visible or pdu.issues ~= nil or pdu.cut
    or pdu.status ~= nil and status_name(pdu) == nil
  if not all and pdu.layout and has_payload(pdu) then
    if pdu.sound == nil then
      pdu.sound = not has_findings(pdu.layout, bytes(), pdu.start, pdu.stop, pdu.release)
    end
    all = not pdu.sound
  end
  local line = (columns or visible) and summary(pdu, bytes)
  if all or is_wanted(tree, ROOT) then
    local whole, none = range(tvb, at, size), range(tvb, at, 0)
    local item = add(tree, proto, whole)
    local head = show_header(pdu, item, tvb, at, whole, none, all, pinfo)
    show_parts(pdu, item, tvb, at, none, bytes, all)
    show_issues(pdu, head, tvb, at, size)
    if visible then set_text(item, NAME .. ", " .. SIDES[pdu.side] .. ": " .. line) end
  end
  return columns and ARROWS[pdu.side] .. line
end
end
