-- The dissector --------------------------------------------------------------------------------

local known_ports = {}

local function is_tls(bytes)
  local kind, major, minor = byte(bytes, 1, 3)
  return #bytes >= 5 and kind >= 0x14 and kind <= 0x18 and major == 3 and minor <= 4
end

-- The framing that a flow's bytes show; nil and "more" where they do not tell yet.
local function detect(conversation, side, bytes)
  if is_tls(bytes) then return nil, "tls" end
  for _, framing in ipairs(framings) do
    local verdict = framing.detect(conversation, side, bytes)
    if verdict == "more" then return nil, "more" end
    if verdict then return framing end
  end
  return nil, "none"
end

-- Which side sends bytes, as far as a framing can tell by them.
local function sender_of(bytes)
  for _, framing in ipairs(framings) do
    local side = framing.sender and framing.sender(bytes)
    if side then return side end
  end
  return "client"
end

-- Which side sends this frame. The server is the end with a known port; where that does not
-- tell, the one that receives what looks like a request.
local function side_of(conversation, pinfo, tvb)
  local source, target = ends_of(pinfo)
  if conversation.server_end == nil then
    local from, to = known_ports[pinfo.src_port], known_ports[pinfo.dst_port]
    local matched = pinfo.match_uint
    if from and not to then
      conversation.server_end = source
    elseif to and not from then
      conversation.server_end = target
    elseif matched == pinfo.src_port and matched ~= pinfo.dst_port then
      conversation.server_end = source
    elseif matched == pinfo.dst_port and matched ~= pinfo.src_port then
      conversation.server_end = target
    else
      local is_server = sender_of(tvb:raw(0, tvb:len())) == "server"
      conversation.server_end = is_server and source or target
    end
  end
  return conversation.server_end == target and "client" or "server"
end

-- Whether Wireshark's TCP gives bytes in order, and none behind a hole.
local in_order = false

-- Takes note that bytes of a flow were not captured.
local function note_loss(conversation, side, number)
  local flow = conversation[side]
  if flow.seen == number then return end
  flow.seen = number
  if in_order then return end
  if tcp_lost() ~= nil or tcp_out_of_order() ~= nil then
    flow.lost = true
    conversation.framing.gap(conversation, side)
  end
end

-- Asks the framing of a whole PDU, or of as much of it as there is.
local function frame_at(conversation, side, tvb, at, present, head, length, stamp)
  pdu_tvb, pdu_at, pdu_present, pdu_text = tvb, at, present, nil
  local pdu = conversation.framing.frame(conversation, side, head, length, stamp)
  pdu.range = range_of(conversation)
  if pdu.request then pdu.request.range = pdu.range end
  pdu.at = at
  return pdu
end

-- Cuts what a call was given into steps; done once for each call, on the first pass.
local function analyse(conversation, side, tvb, pinfo, can_wait, keeps)
  local framing, flow, size = conversation.framing, conversation[side], tvb:len()
  local header = framing.header
  local stamp = { frame = pinfo.number, time = pinfo.rel_ts }
  local steps, at = {}, 0
  framing.heard(conversation, side, stamp)
  while at < size do
    if flow.lost then
      local found = framing.find(conversation, side, tvb:raw(0, size), at)
      local stop = found or size
      if stop > at then steps[#steps + 1] = { skip = true, at = at, length = stop - at } end
      if found == nil then break end
      flow.lost, at = false, found
    end
    local left = size - at
    local head, length = nil, nil
    if left >= header then
      head = tvb:raw(at, header)
      length = framing.measure(conversation, side, head)
    end
    if length == 0 or length and not in_order and framing.doubtful
      and framing.doubtful(side, head) then
      flow.lost, length = true, 0
      steps[#steps + 1] = { skip = true, at = at, length = 1, wrong = true }
      at = at + 1
    elseif length == nil or length > left then
      if keeps then
        if length then framing.begin(conversation, side, head, length, stamp) end
        flow.rest = tvb:raw(at, left)
        steps[#steps + 1] = { kept = left, at = at }
        break
      elseif not can_wait then
        if length == nil then
          steps[#steps + 1] = { skip = true, at = at, length = left }
          break
        end
        flow.lost = true
      else
        if length then framing.begin(conversation, side, head, length, stamp) end
        -- A length that is asked for in two goes gets lost on later passes.
        local need = length and length - left or DESEGMENT_ONE_MORE_SEGMENT
        steps[#steps + 1] = { more = need, at = at }
        break
      end
    end
    if length ~= nil and length > 0 then
      local present = min(length, left)
      local pdu = frame_at(conversation, side, tvb, at, present, head, length, stamp)
      steps[#steps + 1] = pdu
      at = at + present
    end
  end
  return steps
end

-- Whether the remembered steps are of these bytes.
local function are_of(steps, length)
  local first = steps[1]
  return first.at + (first.side and first.stop or first.length or 0) <= length
end

-- Finds the framing of a conversation. Gives why there is none.
local function begin(conversation, side, bytes)
  local framing, reason = detect(conversation, side, bytes)
  if framing == nil then return reason end
  if conversation.started == nil then
    conversation.started = side == "client"
      and (#bytes < 8 or framing.begins(conversation, bytes))
  end
  local lost = not conversation.started
  conversation.client.lost, conversation.server.lost = lost, lost
  conversation.framing = framing
  conversation.releases = { table.unpack(framing.releases) }
  conversation.newest = framing.releases[#framing.releases]
  framing.open(conversation)
end

-- The steps of a call, made on the first pass and remembered, and the Tvb they are in.
local function steps_of(tvb, pinfo, carrier)
  local number, place = pinfo.number, tvb:offset()
  local key = call_key(place, pinfo)
  local known = calls[number] and calls[number][key]
  if known ~= nil and are_of(known, tvb:len() + #(known.prefix or "")) then
    end_call(place, pinfo)
    return known
  end
  if pinfo.visited then
    local conversation = known_conversation(pinfo)
    return nil, conversation and conversation.framing and "begun"
  end
  local conversation = conversation_of(pinfo)
  local side = side_of(conversation, pinfo, tvb)
  local can_wait = pinfo.can_desegment > 0 and tvb:len() == tvb:reported_len()
  if conversation.framing == nil then
    local reason = begin(conversation, side, tvb:raw(0, tvb:len()))
    if reason == "more" and can_wait then
      return { { more = DESEGMENT_ONE_MORE_SEGMENT, at = 0 } }
    end
    if reason then return nil, reason end
  end
  note_loss(conversation, side, number)
  -- Carriers do not wait for the rest of a PDU as TCP does: its beginning is kept here.
  local flow = conversation[side]
  local prefix, keeps = flow.rest, carrier ~= "tcp" and not can_wait
  flow.rest = nil
  local whole = tvb
  if prefix then
    whole = ByteArray.new(prefix .. tvb:raw(0, tvb:len()), true):tvb("Reassembled " .. NAME)
  end
  local steps = analyse(conversation, side, whole, pinfo, can_wait, keeps)
  if prefix then steps.prefix = prefix end
  if #steps > 0 and not (#steps == 1 and steps[1].more) then
    remember(number, key, steps)
    end_call(place, pinfo)
  end
  return steps, whole
end

local function show_line(pinfo, line)
  if pinfo.private[ROOT] then
    pinfo.cols.info:append("; " .. line)
  else
    pinfo.cols.info:set(line)
    pinfo.private[ROOT] = "1"
  end
end

-- Shows one step of a call.
local function show_step(step, tvb, pinfo, tree, columns)
  if step.side then
    local line = show(step, tvb, tree, pinfo, columns)
    if line then show_line(pinfo, line) end
  elseif step.more then
    if step.at < tvb:len() then
      pinfo.desegment_offset, pinfo.desegment_len = step.at, step.more
    end
  elseif step.kept then
    tree:add(proto, tvb(step.at, step.kept), NAME .. ": the beginning of a PDU")
  else
    local item = tree:add(proto, tvb(step.at, step.length), NAME .. ": bytes of no PDU")
    local message = step.length .. " bytes belong to no PDU"
    local what = step.wrong and "no frame starts here" or message
    add_finding(item, nil, nil, step.wrong and "malformed" or "sequence", "warn", what)
  end
end

-- Dissects what TCP, TLS, QUIC or WebSocket carries.
local function dissect(tvb, pinfo, tree, carrier)
  local length = tvb:len()
  if length == 0 then return 0 end
  if add == nil then learn(tvb, tree) end
  local steps, whole = steps_of(tvb, pinfo, carrier)
  if steps == nil then return whole == "begun" and length or 0 end
  if whole == nil and steps.prefix then
    whole = ByteArray.new(steps.prefix .. tvb:raw(0, length), true):tvb("Reassembled " .. NAME)
  end
  pinfo.cols.protocol = NAME
  -- Where no columns are filled a column's text is its name.
  local columns = tostring(pinfo.cols.protocol) == NAME
  for i = 1, #steps do show_step(steps[i], whole or tvb, pinfo, tree, columns) end
  pdu_one, pdu_text, pdu_tvb = nil, nil, nil
  return length
end

function proto.dissector(tvb, pinfo, tree)
  return dissect(tvb, pinfo, tree, "tcp")
end

-- Takes a conversation on any port that opens with what can be nothing else, and what follows.
local function heuristic(tvb, pinfo, tree, carrier)
  if tvb:len() == 0 then return false end
  local own_port = known_ports[pinfo.src_port] or known_ports[pinfo.dst_port]
  local known = known_conversation(pinfo)
  if known and known.framing or carrier == "tls" and own_port then
    return dissect(tvb, pinfo, tree, carrier) > 0
  end
  if tvb:len() < 8 or pinfo.visited then return false end
  local bytes, fits = tvb:raw(0, min(tvb:len(), 65536)), false
  for _, framing in ipairs(framings) do
    fits = fits or framing.certain(bytes)
  end
  if not fits then return false end
  if carrier == "tcp" then pinfo.conversation = proto end
  return dissect(tvb, pinfo, tree, carrier) > 0
end

proto.prefs.ports = Pref.range("TCP ports", DEFAULT_PORTS, "Ports of " .. NAME .. " servers", 65535)
proto.prefs.show_secrets =
  Pref.bool("Show secrets", false, "Show passwords, tokens and keys instead of their length")
proto.prefs.max_items =
  Pref.uint("Items shown of a list", 10000, "Messages of a batch, and other items, in the tree")
proto.prefs.verify_checksums =
  Pref.bool("Verify CRC-32 checksums", false, "Of messages up to 0.5; later ones are XXH3")

settings.max_bytes = LIMITS.pdu
settings.max_items = 10000

local registered = nil

local function register(ports)
  local tcp = DissectorTable.get("tcp.port")
  if registered then tcp:remove(registered, proto) end
  registered = ports
  if ports ~= "" then tcp:add(ports, proto) end
  known_ports = {}
  for first, last in ports:gmatch("(%d+)%-?(%d*)") do
    for port = tonumber(first), tonumber(last) or tonumber(first) do known_ports[port] = true end
  end
end

function proto.prefs_changed()
  settings.show_secrets = proto.prefs.show_secrets
  settings.max_items = proto.prefs.max_items
  settings.verify_checksums = proto.prefs.verify_checksums
  if tostring(proto.prefs.ports) ~= registered then register(tostring(proto.prefs.ports)) end
end

function proto.init()
  forget_everything()
  local known, value = pcall(get_preference, "tcp.reassemble_out_of_order")
  in_order = known and value == true
end

proto.fields = proto_fields
proto.experts = all_experts
register(DEFAULT_PORTS)
for _, table_name in ipairs({ "tcp.port", "tls.port" }) do
  DissectorTable.get(table_name):add_for_decode_as(proto)
end
for _, carrier in ipairs({ "tcp", "ws", "tls" }) do
  local function guess(tvb, pinfo, tree)
    return heuristic(tvb, pinfo, tree, carrier)
  end
  pcall(function() proto:register_heuristic(carrier, guess) end)
end
