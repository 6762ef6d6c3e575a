-- The tree of a PDU, and its part of the Info column -------------------------------------------

local SIDES = { client = "request", server = "response", replica = "request" }

local function status_name(status, release)
  local older = STATUS_BEFORE[status]
  if older and older[release] then return older[release] end
  return STATUS[status]
end

-- A value in few words, nil where it says nothing.
local function short(node, value, depth)
  if value == nil or getmetatable(value) == Bytes or node.kind == "secret" then return nil end
  if type(value) ~= "table" then
    if node.kind == "duration" then return span_text(value) end
    return (tostring(value):gsub("%c", "?"))
  end
  if value.n ~= nil then
    if value.n > 0 and type(value[1]) ~= "table" then
      local texts = {}
      for i = 1, math.min(value.n, 5) do texts[i] = tostring(value[i]) end
      return table.concat(texts, ",")
    end
    return tostring(value.n)
  end
  local parts = {}
  for _, name in ipairs(node.order) do
    local text = depth < 3 and short(node.kids[name], value[name], depth + 1) or nil
    if text then parts[#parts + 1] = text end
  end
  return table.concat(parts, ":")
end

-- What a PDU says, in one line.
local function summary(pdu, fields)
  local name, code = name_of(pdu), code_of(pdu)
  local words = { name or code and "unknown code " .. code or "response" }
  if pdu.evicted then words[#words + 1] = "evicted: " .. pdu.evicted end
  if pdu.status ~= nil then
    local status = status_name(pdu.status, pdu.release) or "unknown status"
    words[#words + 1] = pdu.status == 0 and status or status .. " (" .. pdu.status .. ")"
  end
  local names = pdu.command and pdu.command.info or NOTHING
  for _, field_name in ipairs(names) do
    local node = pdu.layout and pdu.layout.node.kids[field_name]
    local text = fields and node and short(node, fields[field_name], 0)
    local plural = field_name:match("^(.*)_count$")
    if text and plural then
      words[#words + 1] = text .. " " .. plural:gsub("_", " ")
    elseif text then
      words[#words + 1] = field_name:gsub("_id$", "") .. "=" .. text
    end
  end
  return table.concat(words, " ")
end

-- Which fields a filter, a column or an output wants, by the path they begin with. What is wanted
-- changes only before frames are read again from an earlier one.
local wanted, wanted_at = {}, math.huge

local function is_wanted(tree, path)
  if wanted[path] == nil then
    wanted[path] = false
    for other, node in pairs(nodes) do
      local inside = other:sub(1, #path) == path and (#other == #path or other:byte(#path + 1) == 46)
      if inside and tree:referenced(node.made) then wanted[path] = true end
    end
  end
  return wanted[path]
end

-- Adds a field that is not on the wire, if something looks at it.
local function generated(item, path, range, value)
  if item.visible or is_wanted(item, path) then
    item:add(nodes[path].made, range, value):set_generated()
  end
end

local function seconds_of(seconds)
  local nanos = math.floor(seconds * 1000000000 + 0.5)
  local whole = math.floor(nanos / 1000000000)
  return NSTime(whole, nanos - whole * 1000000000)
end

-- Adds what is known of a PDU beside its payload.
local function show_header(pdu, item, tvb, at, bytes)
  local none, visible = tvb(at, 0), item.visible
  local side = SIDES[pdu.side]
  local head = item:add(nodes["iggy." .. side].made, tvb(at, #bytes))
  head:set_text(side == "request" and "Request" or "Response")
  local name, code, framing = name_of(pdu), code_of(pdu), pdu.conversation.framing.name
  if name then generated(head, "iggy.command", none, name) end
  if framing == "classic" then
    if side == "request" and (visible or is_wanted(item, "iggy.code")) then
      head:add_le(nodes["iggy.code"].made, tvb(at + 4, 4))
    elseif side == "response" then
      if code then generated(head, "iggy.code", none, code) end
      if visible or is_wanted(item, "iggy.status") then
        head:add_le(nodes["iggy.status"].made, tvb(at, 4))
      end
    end
  else
    if code then generated(head, "iggy.code", none, code) end
    if pdu.status then generated(head, "iggy.status", none, pdu.status) end
  end
  if pdu.status then
    local status = status_name(pdu.status, pdu.release)
    if status then generated(head, "iggy.status_name", none, status) end
  end
  generated(head, "iggy.length", none, pdu.length)
  generated(head, "iggy.framing", none, framing)
  generated(head, "iggy.release", none, pdu.release_text)
  if pdu.evicted then generated(head, "iggy.evicted", none, pdu.evicted) end
  if pdu.request then
    generated(head, "iggy.request_in", none, pdu.request.frame)
    generated(head, "iggy.response_time", none, seconds_of(pdu.time - pdu.request.time))
  end
  if pdu.response then generated(head, "iggy.response_in", none, pdu.response.frame) end
  return head
end

-- Adds the issues that were found around the fields.
local function show_issues(pdu, item, tvb, at, bytes)
  for _, found in ipairs(pdu.issues or NOTHING) do
    local place = found.at and at + found.at or nil
    add_finding(item, tvb, place, found.group, found.severity, found.message)
  end
  if pdu.cut then
    local missing = pdu.length - #bytes .. " of " .. pdu.length .. " bytes are missing"
    add_finding(item, nil, nil, "sequence", "warn", missing)
  end
  if pdu.status and status_name(pdu.status, pdu.release) == nil then
    add_finding(item, nil, nil, "response_code", "note", "unknown status " .. pdu.status)
  end
end

-- Shows one PDU, whose bytes begin at `at`; gives its line. Where the tree is not looked at, only
-- what something asks for goes into it.
local function show(pdu, tvb, at, length, tree, pinfo)
  if pinfo.number < wanted_at then wanted = {} end
  wanted_at = pinfo.number
  local all, layout = tree.visible, pdu.layout
  local bytes = tvb:raw(at, length)
  local fields, found = nil, pdu.issues ~= nil or pdu.cut
  if pdu.status and status_name(pdu.status, pdu.release) == nil then found = true end
  local filled = layout and pdu.start < pdu.stop
  if not all and filled then
    local reading = decode(layout, bytes, pdu.start, pdu.stop, pdu.release)
    fields, found = reading.fields, found or reading.told
  end
  all = all or found
  if all or is_wanted(tree, "iggy") then
    local item = tree:add(iggy, tvb(at, length))
    local head = show_header(pdu, item, tvb, at, bytes)
    local view = { tvb = tvb, base = at, cut = pdu.cut }
    if pdu.conversation.framing == vsr and (all or is_wanted(tree, "iggy.vsr")) then
      local stop = math.min(256, #bytes)
      view.item = item:add(nodes["iggy.vsr"].made, tvb(at, stop))
      decode(headers[bytes:byte(61)], bytes, 0, stop, pdu.release or math.huge, view)
    end
    if layout and (all or is_wanted(tree, layout.path)) then
      view.item = item:add(layout.node.made, tvb(at + pdu.start, pdu.stop - pdu.start))
      if filled then
        fields = decode(layout, bytes, pdu.start, pdu.stop, pdu.release, view).fields
      end
    elseif layout == nil and pdu.start < pdu.stop then
      local text = (pdu.stop - pdu.start) .. " bytes, not decoded"
      item:add(tvb(at + pdu.start, pdu.stop - pdu.start), text)
    end
    if pdu.command and (all or is_wanted(tree, "iggy." .. pdu.command.name)) then
      item:add(nodes["iggy." .. pdu.command.name].made, tvb(at, 0)):set_hidden()
    end
    show_issues(pdu, head, tvb, at, bytes)
    if tree.visible then
      item:set_text("Apache Iggy, " .. SIDES[pdu.side] .. ": " .. summary(pdu, fields))
    end
  end
  local arrow = pdu.side == "server" and "← " or pdu.side == "client" and "→ " or ""
  return arrow .. summary(pdu, fields)
end
