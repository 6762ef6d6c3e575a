-- Fields and the tree --------------------------------------------------------------------------

local proto = Proto(ROOT, NAME)
-- Nodes by path: a field, or for one with parts a table of them by name, with its own field as 0
-- and the node around it as -1.
local nodes, proto_fields, kinds, order = {}, {}, {}, {}
local settings = {} -- the preferences, by name
-- Methods of Wireshark's classes; looked up once, as they are called for each field.
local add, add_le, set_len, append_text, range = nil, nil, nil, nil, nil
local set_text, set_generated, set_hidden = nil, nil, nil

local function learn(tvb, tree)
  add, add_le, set_len, append_text = tree.add, tree.add_le, tree.set_len, tree.append_text
  set_text, set_generated, set_hidden = tree.set_text, tree.set_generated, tree.set_hidden
  range = tvb.range
end

local function parent_node(path)
  local parent, name = path:match("^(.*)%.([^.]+)$")
  local up = nodes[parent]
  if up ~= nil and type(up) ~= "table" then
    up = { [0] = up }
    nodes[parent] = up
    local around, own = parent_node(parent)
    if around then around[own], up[-1] = up, around end
  end
  return up, name
end

local function make_field(path, kind, doc, names)
  local label = path:match("([^.]+)$"):gsub("_", " "):gsub("^%l", string.upper)
  if kind == "time" then return ProtoField.absolute_time(path, label, base.UTC, doc) end
  if kind == "span" then return ProtoField.relative_time(path, label, doc) end
  if kind == "frame_request" or kind == "frame_response" then
    local of = kind == "frame_request" and frametype.REQUEST or frametype.RESPONSE
    return ProtoField.framenum(path, label, base.NONE, of, nil, doc)
  end
  if kind == "boolean" then return ProtoField.bool(path, label, base.NONE, nil, nil, doc) end
  if kind == "bytes" then return ProtoField.bytes(path, label, base.NONE, doc) end
  if kind == "group" then return ProtoField.none(path, label, doc) end
  if kind == "float" or kind == "double" then return ProtoField[kind](path, label, doc) end
  if kind:find("int") then return ProtoField[kind](path, label, base.DEC, names, nil, doc) end
  if kind == "duration" then return ProtoField.uint64(path, label, base.DEC, nil, nil, doc) end
  -- texts, and values that only a text can hold
  return ProtoField.string(path, label, base.UNICODE, doc)
end

-- Declares a field; fields of one path are one. `names` are those of an enumeration.
local function field(path, kind, doc, names)
  local made = make_field(path, kind, doc, names)
  local up, name = parent_node(path)
  local node = made
  if kind == "group" then node = { [0] = made, [-1] = up } end
  if up then up[name] = node end
  nodes[path], kinds[path] = node, kind
  proto_fields[#proto_fields + 1], order[#order + 1] = made, path
end

local function field_of(path)
  local node = nodes[path]
  return type(node) == "table" and node[0] or node
end

-- Expert info by group and severity, in Wireshark's words.
local experts, all_experts = {}, {}
do
local GROUPS = {
  malformed = expert.group.MALFORMED,
  sequence = expert.group.SEQUENCE,
  protocol = expert.group.PROTOCOL,
  undecoded = expert.group.UNDECODED,
  response_code = expert.group.RESPONSE_CODE,
  security = expert.group.SECURITY,
}
local SEVERITIES = {
  chat = expert.severity.CHAT,
  note = expert.severity.NOTE,
  warn = expert.severity.WARN,
  error = expert.severity.ERROR,
}
for group, group_number in pairs(GROUPS) do
  experts[group] = {}
  for severity, severity_number in pairs(SEVERITIES) do
    local name = ROOT .. ".issue." .. group .. "." .. severity
    local label = NAME .. ": " .. group:gsub("_", " ")
    local made = ProtoExpert.new(name, label, group_number, severity_number)
    experts[group][severity], all_experts[#all_experts + 1] = made, made
  end
end
end

-- Adds a finding to a tree item, with the byte it is about where there is one.
local function add_finding(item, tvb, at, group, severity, message)
  local one = experts[group][severity]
  if at ~= nil and tvb ~= nil and at >= 0 and at < tvb:len() then
    item:add_tvb_expert_info(one, tvb(at, 1), message)
  else
    item:add_proto_expert_info(one, message)
  end
end

-- A field's path in its layout: that of the groups around it, and its name.
local path_of = {}
local function path_in_layout(field)
  if DEPTH == 0 then return field end
  if next(path_of) == nil then
    for _, path in ipairs(order) do path_of[field_of(path)] = path end
  end
  local path = path_of[OPEN_AS[DEPTH]]
  return path and sub(path, #LAYOUT + 2) .. "." .. field or field
end

local function report(t, group, severity, message, at, field)
  FOUND = true
  if not t or CUT and group == "malformed" then return end
  if field then message = path_in_layout(field) .. ": " .. message end
  add_finding(t, TVB, BASE + at, group, severity, message)
end

-- A finding that also speaks against the release.
local function problem(t, group, at, message, field)
  PROBLEMS = PROBLEMS + 1
  report(t, group, "warn", message, at, field)
end

-- A finding that leaves the release in no doubt.
local function note(t, group, at, message, field)
  report(t, group, "note", message, at, field)
end

-- Begins a group of fields at `from`; its end is set when it is known.
local function open(t, made, from, stop)
  local item = add(t, made, range(TVB, BASE + from, stop - from))
  DEPTH = DEPTH + 1
  OPEN[DEPTH], OPEN_AT[DEPTH], OPEN_AS[DEPTH] = item, from, made
  return item
end

local function close(item, from, o)
  DEPTH = DEPTH - 1
  set_len(item, o - from)
end

-- Tells of list items that the preference keeps out of the tree.
local function hidden(t, count)
  local text = " more, not shown: see the protocol's preferences"
  add(t, range(TVB, BASE, 0), count - MAX_ITEMS .. text)
end

local function redacted(size)
  return "[redacted " .. size .. " bytes]"
end

local function span_text(microseconds)
  if tostring(microseconds) == "18446744073709551615" then return "for ever" end
  return format("%.6g s", microseconds:tonumber() / 1000000)
end

local function nstime(microseconds)
  local seconds = microseconds / 1000000
  local rest = (microseconds % 1000000):tonumber()
  return NSTime(seconds:tonumber(), rest * 1000)
end

-- The moment that a u64 of µs tells.
local function time_at(bytes, at)
  if byte(bytes, at + 8) > 0 or byte(bytes, at + 7) > 31 then return nstime(u64le(bytes, at)) end
  local microseconds = u64_number(bytes, at)
  local rest = microseconds % 1000000
  return NSTime(floor((microseconds - rest) / 1000000), floor(rest * 1000))
end
