-- Fields and the tree --------------------------------------------------------------------------

local iggy = Proto("iggy", "Apache Iggy")
local nodes, proto_fields = {}, {}
local settings = {} -- the preferences, by name

-- Declares a field; fields of one path are one. `names` are those of an enumeration.
local function field(path, kind, doc, names)
  local parent, name = path:match("^(.*)%.([^.]+)$")
  local label = name:gsub("_", " "):gsub("^%l", string.upper)
  local made
  if kind == "time" then
    made = ProtoField.absolute_time(path, label, base.UTC, doc)
  elseif kind == "span" then
    made = ProtoField.relative_time(path, label, doc)
  elseif kind == "frame_request" or kind == "frame_response" then
    local of = kind == "frame_request" and frametype.REQUEST or frametype.RESPONSE
    made = ProtoField.framenum(path, label, base.NONE, of, nil, doc)
  elseif kind == "boolean" then
    made = ProtoField.bool(path, label, base.NONE, nil, nil, doc)
  elseif kind == "bytes" then
    made = ProtoField.bytes(path, label, base.NONE, doc)
  elseif kind == "group" then
    made = ProtoField.none(path, label, doc)
  elseif kind == "float" or kind == "double" then
    made = ProtoField[kind](path, label, doc)
  elseif kind:find("int") then
    made = ProtoField[kind](path, label, base.DEC, names, nil, doc)
  elseif kind == "duration" then
    made = ProtoField.uint64(path, label, base.DEC, nil, nil, doc)
  else -- texts, and values that only a text can hold
    made = ProtoField.string(path, label, base.UNICODE, doc)
  end
  local node = { path = path, name = name, kind = kind, made = made, names = names }
  node.kids, node.order = {}, {}
  nodes[path], proto_fields[#proto_fields + 1] = node, made
  local up = nodes[parent]
  if up then
    node.up = up
    up.kids[name] = node
    up.order[#up.order + 1] = name
  end
  return node
end

-- Expert info by group and severity, in Wireshark's words.
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
local experts = {}
for group, group_number in pairs(GROUPS) do
  experts[group] = {}
  for severity, severity_number in pairs(SEVERITIES) do
    local name = "iggy.issue." .. group .. "." .. severity
    local label = "Iggy: " .. group:gsub("_", " ")
    experts[group][severity] = ProtoExpert.new(name, label, group_number, severity_number)
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

function Cursor:report(group, severity, message, offset)
  self.told = true
  if self.item == nil or self.cut and group == "malformed" then return end
  add_finding(self.item, self.tvb, self.base + offset, group, severity, message)
end

-- The place of `length` bytes of the PDU.
function Cursor:range(start, length)
  return self.tvb(self.base + start, length)
end

local function redacted(size, value)
  if settings.show_secrets then return nil end
  local length = getmetatable(value) == Bytes and value.length or #tostring(value)
  return "[redacted " .. (size or length) .. " bytes]"
end

-- The text of a value of any type.
local function text_of(c, value)
  if getmetatable(value) == Bytes then
    return (c.bytes:sub(value.offset + 1, value.offset + value.length):gsub(".", function(byte)
      return string.format("%02x", byte:byte())
    end))
  end
  if math.type and math.type(value) == "float" or type(value) == "number" and value % 1 ~= 0 then
    return shortest(value)
  end
  if type(value) == "string" then return (value:gsub("%z", "\226\144\128")) end
  return tostring(value)
end

local function span_text(microseconds)
  if tostring(microseconds) == "18446744073709551615" then return "for ever" end
  return string.format("%.6g s", microseconds:tonumber() / 1000000)
end

local function nstime(microseconds)
  local seconds = microseconds / 1000000
  local rest = (microseconds % 1000000):tonumber()
  return NSTime(seconds:tonumber(), rest * 1000)
end

-- Adds a field that has no parts.
local function add_leaf(c, item, node, start, length, value)
  local kind = node.kind
  local generated, secret = c.generated, c.secret
  c.generated, c.secret = nil, nil
  local range = generated and c:range(0, 0) or c:range(start, length)
  local leaf
  if secret then
    leaf = item:add(node.made, range, redacted(secret.size, value) or text_of(c, value))
  elseif kind == "secret" or kind == "string" or kind == "text" or kind == "variant" then
    leaf = item:add(node.made, range, text_of(c, value))
  elseif kind == "bytes" then
    leaf = item:add(node.made, c:range(value.offset, value.length))
    if length ~= value.length then leaf:set_len(length) end
  elseif kind == "group" then
    leaf = item:add(node.made, range)
  elseif kind == "boolean" or kind == "float" or kind == "double" then
    leaf = item:add_le(node.made, range)
  elseif kind == "time" then
    leaf = item:add(node.made, range, nstime(value))
  elseif kind == "duration" then
    leaf = item:add(node.made, range, value):append_text(" (" .. span_text(value) .. ")")
  elseif type(value) == "string" then -- the name of an enumeration's number
    leaf = item:add(node.made, range, c.bytes:byte(c.offset))
    if node.names == nil then leaf:append_text(" (" .. value .. ")") end
  else
    leaf = item:add(node.made, range, value)
  end
  if generated then leaf:set_generated() end
end

-- Ends what a reader left of a field or list item: the length of its group, or a leaf.
local function place(c, item, node, start, value)
  local group = c.group
  if group ~= nil then
    group:set_len(c.offset - start)
    c.group = nil
  elseif value ~= nil and (type(value) ~= "table" or getmetatable(value) == Bytes) then
    add_leaf(c, item, node, start, c.offset - start, value)
  end
end

-- Reads one field of a structure; gives where it began. `up`: its path leaves out the
-- structure around it.
local function read(c, v, outer, name, reader, up)
  local start, item, node = c.offset, c.item, c.node
  if item == nil then
    v[name] = reader(c, v, outer)
    return start
  end
  local here = (up and node.up or node).kids[name]
  c.node, c.begin, c.group = here, start, nil
  local value = reader(c, v, outer)
  v[name] = value
  place(c, item, here, start, value)
  c.item, c.node, c.begin = item, node, nil
  return start
end

-- Reads one more item of a list.
local function read_item(c, items, reader, v, outer)
  local start, item, node = c.offset, c.item, c.node
  items.n = items.n + 1
  if item ~= nil and items.n > settings.most_items then c.item = nil end
  if c.item == nil then
    items[items.n] = reader(c, v, outer)
  else
    c.begin, c.group = start, nil
    items[items.n] = reader(c, v, outer)
    place(c, item, node, start, items[items.n])
  end
  c.item, c.node, c.begin, c.group = item, node, nil, nil
end

-- Tells of list items that the preference keeps out of the tree.
local function end_list(c, items)
  local hidden = items.n - settings.most_items
  if c.item == nil or hidden <= 0 then return end
  c.item:add(c:range(0, 0), hidden .. " more, not shown: see the protocol's preferences")
end

-- Makes the reader of a structure of a function that reads its fields.
local function structure(body)
  return function(c, v)
    local values, item = {}, nil
    if c.root == nil then c.root = values end
    if c.item ~= nil and c.begin ~= nil then
      item = c.item:add(c.node.made, c:range(c.begin, c.limit - c.begin))
      c.open[#c.open + 1] = { item = item, start = c.begin }
      c.item, c.begin = item, nil
    end
    body(c, values, v)
    if item ~= nil then
      c.open[#c.open] = nil
      c.group = item
    end
    return values
  end
end
