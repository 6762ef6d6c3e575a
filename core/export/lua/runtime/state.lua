-- What is remembered of conversations and PDUs -------------------------------------------------

local commands, by_code, by_operation, by_name = {}, {}, {}, {}
local framings = {}

-- Declares a command; the parts are layouts.
local function command(one)
  commands[#commands + 1], by_name[one.name] = one, one
  if one.code then by_code[one.code] = one end
  for _, operation in ipairs({ one.operation or false, one.replicated_as or false }) do
    if operation then
      by_operation[operation] = by_operation[operation] or {}
      table.insert(by_operation[operation], one)
    end
  end
end

-- Requests of a conversation that wait for their response; PDUs and, where Wireshark has no
-- conversations for Lua, conversations that are remembered: the oldest go first.
local MOST_WAITING, MOST_PDUS, MOST_CONVERSATIONS = 1024, 2000000, 65536

-- By the place of the bytes that a call of the dissector was given, then by frame number: its
-- steps. A step is a PDU, bytes to skip, or the beginning of a PDU that goes on in a later frame.
local calls, call_places, call_frames, first_call, step_count = {}, {}, {}, 1, 0
local conversations, conversation_order = {}, {}

local function forget_everything()
  calls, call_places, call_frames, first_call, step_count = {}, {}, {}, 1, 0
  conversations, conversation_order = {}, {}
end

-- Keeps the steps of a call; forgets those of the oldest frames where there are too many.
local function remember(frame, key, steps)
  if calls[key] == nil then calls[key] = {} end
  calls[key][frame] = steps
  call_places[#call_places + 1], call_frames[#call_frames + 1] = key, frame
  step_count = step_count + #steps
  while step_count > MOST_PDUS and first_call < #call_places do
    local place, old = call_places[first_call], call_frames[first_call]
    step_count = step_count - #calls[place][old]
    calls[place][old] = nil
    call_places[first_call], call_frames[first_call] = false, false
    first_call = first_call + 1
  end
end

-- Tells calls of one frame apart, in the same way on every pass: by where their bytes are, and
-- a number where several begin at one place. Their length may shrink on later passes.
local function call_key(tvb, pinfo)
  local name = "iggy:" .. tvb:offset()
  return name, name .. ":" .. (pinfo.private[name] or "0")
end

-- The next call from this place will be another one.
local function end_call(name, pinfo)
  pinfo.private[name] = tostring(tonumber(pinfo.private[name] or "0") + 1)
end

-- Wireshark knows these only where it builds a tree: not on the first pass of the program with
-- windows, nor of `tshark -2`.
local tcp_stream = Field.new("tcp.stream")
local tcp_completeness = Field.new("tcp.completeness")
local tcp_lost = Field.new("tcp.analysis.lost_segment")
local tcp_out_of_order = Field.new("tcp.analysis.out_of_order")

-- The last value of a field in this frame: that of the innermost layer; nil where unknown.
local function last_of(extractor)
  local found = { extractor() }
  local info = found[#found]
  return info and info.value
end

-- `started` says whether the connection's first bytes were captured; nil where that is unknown.
local function new_conversation(stream)
  local completeness, started = last_of(tcp_completeness), nil
  if completeness ~= nil then started = completeness % 2 == 1 end
  return { stream = stream, started = started, client = {}, server = {} }
end

-- The key of the frame's connection, the same in both directions.
local function connection_key(pinfo)
  local source = tostring(pinfo.src) .. " " .. pinfo.src_port
  local target = tostring(pinfo.dst) .. " " .. pinfo.dst_port
  return source < target and source .. " " .. target or target .. " " .. source
end

-- What is known of the frame's TCP connection, or nil: kept by Wireshark where its Lua can
-- (since 4.6), else here by addresses and ports.
local function known_conversation(pinfo)
  if Conversation ~= nil then
    local conversation = Conversation.find_from_pinfo(pinfo, false)
    return conversation and conversation[iggy]
  end
  local known, stream = conversations[connection_key(pinfo)], last_of(tcp_stream)
  if known and stream and known.stream and known.stream ~= stream then return nil end
  return known
end

local function conversation_of(pinfo)
  local known = known_conversation(pinfo)
  if known then return known end
  known = new_conversation(last_of(tcp_stream))
  if Conversation ~= nil then
    Conversation.find_from_pinfo(pinfo, true)[iggy] = known
    return known
  end
  local key = connection_key(pinfo)
  if conversations[key] == nil then table.insert(conversation_order, key) end
  conversations[key] = known
  if #conversation_order > MOST_CONVERSATIONS then
    conversations[table.remove(conversation_order, 1)] = nil
  end
  return known
end

local function endpoint(address, port, other_port)
  if port ~= other_port then return port end
  return tostring(address) .. ":" .. port
end

-- Ends of the frame: who sends and who receives, so that they compare.
local function ends_of(pinfo)
  local source = endpoint(pinfo.src, pinfo.src_port, pinfo.dst_port)
  return source, endpoint(pinfo.dst, pinfo.dst_port, pinfo.src_port)
end

-- Something found about a PDU on the first pass, told on every pass.
local function find(pdu, severity, group, message, at)
  pdu.issues = pdu.issues or {}
  pdu.issues[#pdu.issues + 1] =
    { severity = severity, group = group, message = message, at = at }
end

-- A PDU as it is remembered; its bytes are not.
local function new_pdu(conversation, side, stamp, length, start, stop)
  return {
    conversation = conversation,
    side = side,
    frame = stamp.frame,
    time = stamp.time,
    length = length,
    start = start,
    stop = stop,
  }
end

-- Says how a PDU's payload is laid out; narrows the conversation's releases by it.
local function interpret(pdu, of, bytes)
  local releases = pdu.conversation.releases
  pdu.layout = of
  pdu.release = releases[#releases]
  if pdu.start < pdu.stop and not pdu.cut then
    pdu.release = choose_release(releases, of, bytes, pdu.start, pdu.stop)
  end
end

-- Ties a response to its request.
local function pair(request, response)
  request.response, response.request = response, request
  response.command, response.code = request.command, request.code
end

-- Name and code of a PDU's command.
local function name_of(pdu)
  return pdu.name or pdu.command and pdu.command.name
end

local function code_of(pdu)
  return pdu.code or pdu.command and pdu.command.code
end
