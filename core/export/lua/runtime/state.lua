-- What is remembered of conversations and PDUs -------------------------------------------------

local commands, by_code, by_operation, by_name = {}, {}, {}, {}
-- Framings in the order they are tried; each a table, as docs/wireshark.md says.
local framings = {}

-- Declares a command; the parts are layouts.
local function command(one)
  commands[#commands + 1], by_name[one.name] = one, one
  one.from, one.to, one.path = one.from or 0, one.to or LATEST, ROOT .. "." .. one.name
  local other = by_code[one.code or false]
  if one.code and (other == nil or other.from < one.from) then
    by_code[one.code], one.before = one, other
  elseif one.code then
    other.before = one
  end
  if one.operation then
    by_operation[one.operation] = by_operation[one.operation] or {}
    table.insert(by_operation[one.operation], one)
  end
end

function Releases.overlap(releases, one)
  return releases[#releases] >= one.from and releases[1] <= one.to
end

-- The command of a code, where several had it that of the newest release still possible.
function Releases.command_of(code, releases)
  local one = by_code[code]
  while one and one.before and not Releases.overlap(releases, one) do one = one.before end
  return one and Releases.overlap(releases, one) and one or by_code[code]
end

-- The commands that a reply with this operation may answer.
function Releases.answered_by(operation)
  local same = by_operation[operation] or {}
  local asked = same[1] and same[1].replicates and by_name[same[1].replicates]
  return asked and { asked } or same
end

-- Requests of a conversation that wait for their response; PDUs and, where Wireshark has no
-- conversations for Lua, conversations that are remembered: the oldest go first.
local MAX_WAITING, MAX_PDUS, MAX_CONVERSATIONS = LIMITS.outstanding, 2000000, LIMITS.conversations

-- By frame number, then by the place of the bytes that a call of the dissector was given: its
-- steps. A step is a PDU, bytes to skip, or the beginning of a PDU that goes on in a later frame.
local calls, call_frames, call_keys, first_call, step_count = {}, {}, {}, 1, 0
local conversations, conversation_order, by_ports = {}, {}, {}
-- On the first pass: how many calls of this frame began at each place.
local counted_frame, counts = 0, {}

-- What is remembered stays: looking at it for garbage twice as often would only cost time.
collectgarbage("setpause", 400)

local function forget_everything()
  calls, call_frames, call_keys, first_call, step_count = {}, {}, {}, 1, 0
  conversations, conversation_order, by_ports = {}, {}, {}
  counted_frame, counts = 0, {}
end

-- Keeps the steps of a call; forgets those of the oldest frames where there are too many.
local function remember(frame, key, steps)
  if calls[frame] then
    calls[frame][key] = steps
  else
    calls[frame] = { [key] = steps }
  end
  local count = #call_frames + 1
  call_frames[count], call_keys[count] = frame, key
  step_count = step_count + #steps
  while step_count > MAX_PDUS and first_call < count do
    local old, place = call_frames[first_call], call_keys[first_call]
    step_count = step_count - #calls[old][place]
    calls[old][place] = nil
    call_frames[first_call], call_keys[first_call] = false, false
    first_call = first_call + 1
  end
end

-- How many calls of this frame have begun at this place, the same on every pass: on the first
-- one Lua counts, later ones may be of any frame, and Wireshark keeps it as long as it dissects.
local function calls_before(offset, pinfo)
  if pinfo.visited then return tonumber(pinfo.private[ROOT .. offset] or 0) end
  if counted_frame ~= pinfo.number then counted_frame, counts = pinfo.number, {} end
  return counts[offset] or 0
end

-- Tells calls of one frame apart by where their bytes are, and a number where several begin at
-- one place. Their length may shrink on later passes.
local function call_key(offset, pinfo)
  return offset * 4096 + calls_before(offset, pinfo)
end

-- The next call from this place will be another one.
local function end_call(offset, pinfo)
  local count = calls_before(offset, pinfo) + 1
  if pinfo.visited then
    pinfo.private[ROOT .. offset] = tostring(count)
  else
    counts[offset] = count
  end
end

-- Wireshark knows these only where it builds a tree: not on the first pass of the program with
-- windows, nor of `tshark -2`.
local tcp_stream = Field.new("tcp.stream")
local tcp_completeness = Field.new("tcp.completeness")
local tcp_lost = Field.new("tcp.analysis.lost_segment")
local tcp_out_of_order = Field.new("tcp.analysis.out_of_order")

-- The last value of a field in this frame: that of the innermost layer; nil where unknown.
local function last_of(extractor)
  local info, more = extractor()
  if more then
    local found = { extractor() }
    info = found[#found]
  end
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

-- What is known of the frame's connection, or nil: kept by Wireshark where its Lua can (since
-- 4.6), else here by addresses and ports.
local function known_conversation(pinfo)
  if Conversation ~= nil then
    local conversation = Conversation.find_from_pinfo(pinfo, false)
    return conversation and conversation[proto]
  end
  local ports = pinfo.src_port * 65536 + pinfo.dst_port
  local last = by_ports[ports]
  if last and last.source == pinfo.src and last.target == pinfo.dst then return last.known end
  local known = conversations[connection_key(pinfo)]
  if known then by_ports[ports] = { source = pinfo.src, target = pinfo.dst, known = known } end
  return known
end

local function conversation_of(pinfo)
  local known = known_conversation(pinfo)
  if known and Conversation ~= nil then return known end
  local stream = last_of(tcp_stream)
  if known and (not stream or not known.stream or known.stream == stream) then return known end
  known = new_conversation(stream)
  if Conversation ~= nil then
    Conversation.find_from_pinfo(pinfo, true)[proto] = known
    return known
  end
  local key = connection_key(pinfo)
  if conversations[key] == nil then table.insert(conversation_order, key) end
  conversations[key] = known
  by_ports = {}
  if #conversation_order > MAX_CONVERSATIONS then
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
  local from, to = pinfo.src_port, pinfo.dst_port
  if from ~= to then return from, to end
  return endpoint(pinfo.src, from, to), endpoint(pinfo.dst, to, from)
end

-- Something found about a PDU on the first pass, told on every pass.
local function find_issue(pdu, severity, group, message, at)
  pdu.issues = pdu.issues or {}
  pdu.issues[#pdu.issues + 1] =
    { severity = severity, group = group, message = message, at = at }
end

-- The PDU that a framing is being asked about: where its bytes are, and these once somebody wants
-- more than the header.
local pdu_tvb, pdu_at, pdu_present, pdu_text, pdu_one = nil, 0, 0, nil, nil

-- The bytes of the PDU that a framing is being asked about, as far as they are there.
local function pdu_bytes()
  if pdu_text == nil then pdu_text = pdu_tvb:raw(pdu_at, pdu_present) end
  return pdu_text
end

-- A PDU as it is remembered; its bytes are not. The payload begins at `start`. What others fill in
-- is named so that the table is made with room for it.
local function new_pdu(conversation, side, stamp, length, start)
  local present = pdu_present
  local pdu = {
    conversation = conversation,
    side = side,
    frame = stamp.frame,
    time = stamp.time,
    length = length,
    start = min(start, present),
    stop = present,
    at = nil,
    range = nil,
    command = nil,
    layout = nil,
    release = nil,
    request = nil,
    response = nil,
  }
  if present < length then pdu.cut = true end
  pdu_one = pdu
  return pdu
end

-- Says how a PDU's payload is laid out; narrows the conversation's releases by it.
local function interpret(pdu, of, own)
  local releases = own or pdu.conversation.releases
  pdu.layout = of
  if pdu.start < pdu.stop and not pdu.cut and not agrees_on(releases, of) then
    local bytes, sound = pdu_bytes(), nil
    pdu.release, sound = choose_release(releases, of, bytes, pdu.start, pdu.stop)
    pdu.sound = sound
    pdu.conversation.range = nil
  else
    pdu.release = releases[#releases]
  end
  pdu.release = Releases.reading_by(releases, pdu.release, pdu.conversation)
end

-- The range of releases that a conversation may be of, as text.
local function range_of(conversation)
  local range = conversation.range
  if range == nil then
    range = range_text(conversation.releases, conversation.newest)
    conversation.range = range
  end
  return range
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
