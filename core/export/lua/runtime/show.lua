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
  local words = { pdu.name or pdu.code and "unknown code " .. pdu.code or "response" }
  if pdu.evicted then words[#words + 1] = "evicted: " .. pdu.evicted end
  if pdu.status ~= nil then
    local name = status_name(pdu.status, pdu.release) or "unknown status"
    words[#words + 1] = pdu.status == 0 and name or name .. " (" .. pdu.status .. ")"
  end
  local names = pdu.command and pdu.command.info or NOTHING
  for _, name in ipairs(names) do
    local node = pdu.layout and pdu.layout.node.kids[name]
    local text = fields and node and short(node, fields[name], 0)
    local plural = name:match("^(.*)_count$")
    if text and plural then
      words[#words + 1] = text .. " " .. plural:gsub("_", " ")
    elseif text then
      words[#words + 1] = name:gsub("_id$", "") .. "=" .. text
    end
  end
  return table.concat(words, " ")
end

local function generated(item, path, range, value)
  return item:add(nodes[path].made, range, value):set_generated()
end

local function seconds_of(seconds)
  local nanos = math.floor(seconds * 1000000000 + 0.5)
  local whole = math.floor(nanos / 1000000000)
  return NSTime(whole, nanos - whole * 1000000000)
end

-- Adds what is known of a PDU beside its payload.
local function show_header(pdu, item, tvb, at, bytes)
  local none = tvb(at, 0)
  local side = SIDES[pdu.side]
  local head = item:add(nodes["iggy." .. side].made, tvb(at, #bytes))
  head:set_text(side == "request" and "Request" or "Response")
  if pdu.name then generated(head, "iggy.command", none, pdu.name) end
  if pdu.framing == "classic" then
    if side == "request" then
      head:add_le(nodes["iggy.code"].made, tvb(at + 4, 4))
    else
      if pdu.code then generated(head, "iggy.code", none, pdu.code) end
      head:add_le(nodes["iggy.status"].made, tvb(at, 4))
    end
  else
    if pdu.code then generated(head, "iggy.code", none, pdu.code) end
    if pdu.status then generated(head, "iggy.status", none, pdu.status) end
  end
  if pdu.status then
    local name = status_name(pdu.status, pdu.release)
    if name then generated(head, "iggy.status_name", none, name) end
  end
  generated(head, "iggy.length", none, pdu.length)
  generated(head, "iggy.framing", none, pdu.framing)
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
  for _, found in ipairs(pdu.issues) do
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

-- Shows one PDU, whose bytes begin at `at`; gives its line.
local function show(pdu, tvb, at, length, tree)
  local bytes = tvb:raw(at, length)
  local item = tree:add(iggy, tvb(at, length))
  local head = show_header(pdu, item, tvb, at, bytes)
  local view = { tvb = tvb, base = at, cut = pdu.cut }
  if pdu.header then
    view.item = item:add(nodes["iggy.vsr"].made, tvb(at, math.min(256, #bytes)))
    decode(pdu.header, bytes, 0, math.min(256, #bytes), pdu.release or math.huge, view)
  end
  local fields = nil
  if pdu.layout then
    local payload = tvb(at + pdu.start, pdu.stop - pdu.start)
    view.item = item:add(pdu.layout.node.made, payload)
    if pdu.start < pdu.stop then
      fields = decode(pdu.layout, bytes, pdu.start, pdu.stop, pdu.release, view).fields
    end
  elseif pdu.start < pdu.stop then
    local text = (pdu.stop - pdu.start) .. " bytes, not decoded"
    item:add(tvb(at + pdu.start, pdu.stop - pdu.start), text)
  end
  if pdu.command then
    item:add(nodes["iggy." .. pdu.command.name].made, tvb(at, 0)):set_hidden()
  end
  show_issues(pdu, head, tvb, at, bytes)
  local line = summary(pdu, fields)
  item:set_text("Apache Iggy, " .. SIDES[pdu.side] .. ": " .. line)
  return (pdu.side == "server" and "← " or pdu.side == "client" and "→ " or "") .. line
end
