-- A small dissector of three commands, as a first draft would be written: what framing and
-- pairing cost in Wireshark's Lua. A baseline for measuring; nothing else uses it.
local draft = Proto("draft", "Three commands")
local f = {
  length = ProtoField.uint32("draft.length", "Length", base.DEC),
  code = ProtoField.uint32("draft.code", "Code", base.DEC),
  status = ProtoField.uint32("draft.status", "Status", base.DEC),
  command = ProtoField.string("iggy.command", "Command"),
  username = ProtoField.string("draft.username", "Username"),
  stream = ProtoField.uint32("draft.stream", "Stream"),
  payload = ProtoField.bytes("draft.payload", "Payload"),
  request_in = ProtoField.framenum("draft.request_in", "Request in", base.NONE, frametype.REQUEST),
  response_in = ProtoField.framenum("draft.response_in", "Response in", base.NONE, frametype.RESPONSE),
}
draft.fields = f
local NAMES = { [1] = "ping", [38] = "login_user", [101] = "send_messages", [100] = "poll_messages",
  [200] = "get_stream", [202] = "create_stream" }
local stream_of = Field.new("tcp.stream")
local PORT = 8090
local waiting, paired = {}, {}

function draft.init() waiting, paired = {}, {} end

local function length_of(tvb, pinfo, offset)
  if pinfo.dst_port == PORT then return tvb(offset, 4):le_uint() + 4 end
  return tvb(offset + 4, 4):le_uint() + 8
end

local function request(tvb, pinfo, tree)
  local code = tvb(4, 4):le_uint()
  local stream = stream_of().value
  if not pinfo.visited then
    local queue = waiting[stream]
    if queue == nil then
      queue = { first = 1, last = 0 }
      waiting[stream] = queue
    end
    queue.last = queue.last + 1
    queue[queue.last] = { code = code, frame = pinfo.number }
  end
  local name = NAMES[code] or "unknown"
  pinfo.cols.protocol = "Draft"
  pinfo.cols.info = "Request " .. name
  local item = tree:add(draft, tvb(), "Request " .. name)
  item:add_le(f.length, tvb(0, 4))
  item:add_le(f.code, tvb(4, 4))
  item:add(f.command, name):set_generated()
  if code == 38 then
    item:add(f.username, tvb(9, tvb(8, 1):uint()))
  elseif tvb:len() > 8 then
    item:add(f.payload, tvb(8))
  end
  return tvb:len()
end

local function response(tvb, pinfo, tree)
  local stream = stream_of().value
  local one = paired[pinfo.number .. ":" .. tvb:offset()]
  if one == nil then
    local queue = waiting[stream]
    if queue and queue.first <= queue.last then
      one = queue[queue.first]
      queue[queue.first] = nil
      queue.first = queue.first + 1
      one.response = pinfo.number
      paired[pinfo.number .. ":" .. tvb:offset()] = one
    end
  end
  local name = one and NAMES[one.code] or "unknown"
  pinfo.cols.protocol = "Draft"
  pinfo.cols.info = "Response " .. name
  local item = tree:add(draft, tvb(), "Response " .. name)
  item:add_le(f.status, tvb(0, 4))
  item:add_le(f.length, tvb(4, 4))
  item:add(f.command, name):set_generated()
  if one then item:add(f.request_in, one.frame):set_generated() end
  if tvb:len() > 8 then item:add(f.payload, tvb(8)) end
  return tvb:len()
end

local function pdu(tvb, pinfo, tree)
  if pinfo.dst_port == PORT then return request(tvb, pinfo, tree) end
  return response(tvb, pinfo, tree)
end

function draft.dissector(tvb, pinfo, tree)
  dissect_tcp_pdus(tvb, tree, 8, length_of, pdu)
  return tvb:len()
end

DissectorTable.get("tcp.port"):add(PORT, draft)
