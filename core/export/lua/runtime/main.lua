-- The dissector --------------------------------------------------------------------------------

local known_ports = {}

local function is_tls(bytes)
  local kind, major, minor = bytes:byte(1, 3)
  return #bytes >= 5 and kind >= 0x14 and kind <= 0x18 and major == 3 and minor <= 4
end

-- The framing that a flow's bytes show; nil and "more" where they do not tell yet.
local function detect(conversation, side, bytes)
  if is_tls(bytes) then return nil, "tls" end
  if framings.vsr then
    if vsr.opens(bytes) then return "vsr" end
    if not conversation.started and vsr.find(conversation, side, bytes, 0) then return "vsr" end
    local beginning = math.min(#bytes, 32)
    if side == "client" and #bytes < 64 and is_zero(bytes, 0, beginning) then return nil, "more" end
  end
  if framings.classic and classic.opens(side, bytes) then return "classic" end
  return nil, "none"
end

-- Which side sends this frame. The server is the end with a known port; where that does not
-- tell, the one that receives what looks like a request.
local function side_of(conversation, pinfo, bytes)
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
    elseif vsr.opens(bytes) then
      local one = bytes:byte(61)
      conversation.server_end = (one == REPLY or one == EVICTION) and source or target
    else
      conversation.server_end = target
    end
  end
  return conversation.server_end == target and "client" or "server"
end

-- Whether Wireshark's TCP gives bytes in order, and none behind a hole.
local in_order = false

-- Takes note that bytes of a flow were not captured.
local function note_loss(conversation, side, pinfo)
  local flow = conversation[side]
  if flow.seen == pinfo.number then return end
  flow.seen = pinfo.number
  if in_order then return end
  if tcp_lost() ~= nil or tcp_out_of_order() ~= nil then
    flow.lost = true
    conversation.framing.gap(conversation, side)
  end
end

local function finish_pdu(conversation, pdu)
  pdu.release_text = range_text(conversation.releases, conversation.newest)
  if pdu.request then pdu.request.release_text = pdu.release_text end
end

-- Cuts what a call was given into steps; done once for each call, on the first pass.
local function analyse(conversation, side, bytes, pinfo, can_wait, keeps)
  local framing, flow = conversation.framing, conversation[side]
  local stamp = { frame = pinfo.number, time = pinfo.rel_ts }
  local steps, at = {}, 0
  framing.heard(conversation, side, stamp)
  while at < #bytes do
    if flow.lost then
      local found = framing.find(conversation, side, bytes, at)
      local stop = found or #bytes
      if stop > at then steps[#steps + 1] = { skip = true, at = at, length = stop - at } end
      if found == nil then break end
      flow.lost, at = false, found
    end
    local left = #bytes - at
    local head = bytes:sub(at + 1, at + framing.header)
    local length = #head == framing.header and framing.measure(conversation, side, head) or nil
    if length == 0 or length and not in_order and framing.doubtful(side, head) then
      flow.lost, length = true, 0
      steps[#steps + 1] = { skip = true, at = at, length = 1, wrong = true }
      at = at + 1
    elseif length == nil or length > left then
      if keeps then
        if length then framing.begin(conversation, side, head, length, stamp) end
        flow.rest = bytes:sub(at + 1)
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
      local present = math.min(length, left)
      local pdu = framing.frame(conversation, side, bytes:sub(at + 1, at + present), length, stamp)
      finish_pdu(conversation, pdu)
      pdu.at = at
      steps[#steps + 1] = pdu
      at = at + present
    end
  end
  conversation.last_time = stamp.time
  return steps
end

-- Whether the remembered steps are of these bytes.
local function are_of(steps, length)
  local first = steps[1]
  return first.at + (first.side and first.stop or first.length or 0) <= length
end

-- The steps of a call, made on the first pass and remembered.
local function steps_of(tvb, pinfo, carrier)
  local place, key = call_key(tvb, pinfo)
  local known = calls[key] and calls[key][pinfo.number]
  if known ~= nil and are_of(known, tvb:len() + #(known.prefix or "")) then
    end_call(place, pinfo)
    return known
  end
  if pinfo.visited then
    local conversation = known_conversation(pinfo)
    return nil, conversation and conversation.framing and "begun"
  end
  local conversation = conversation_of(pinfo)
  local bytes = tvb:raw(0, tvb:len())
  local side = side_of(conversation, pinfo, bytes)
  local can_wait = pinfo.can_desegment > 0 and tvb:len() == tvb:reported_len()
  if conversation.framing == nil then
    local name, reason = detect(conversation, side, bytes)
    if name == nil then
      if reason == "more" and can_wait then return { { more = DESEGMENT_ONE_MORE_SEGMENT, at = 0 } } end
      return nil, reason
    end
    if conversation.started == nil then
      conversation.started = side == "client"
        and (#bytes < 8 or vsr.opens(bytes) or classic.plausible(conversation, side, bytes))
    end
    local lost = not conversation.started
    conversation.client.lost, conversation.server.lost = lost, lost
    conversation.framing = framings[name].framing
    conversation.releases = { table.unpack(framings[name].releases) }
    conversation.newest = framings[name].releases[#framings[name].releases]
    conversation.framing.open(conversation)
  end
  note_loss(conversation, side, pinfo)
  -- Carriers do not wait for the rest of a PDU as TCP does: its beginning is kept here.
  local flow = conversation[side]
  local prefix, keeps = flow.rest, carrier ~= "tcp" and not can_wait
  flow.rest = nil
  if prefix then bytes = prefix .. bytes end
  local steps = analyse(conversation, side, bytes, pinfo, can_wait, keeps)
  steps.prefix = prefix
  if #steps > 0 and not (#steps == 1 and steps[1].more) then
    remember(pinfo.number, key, steps)
    end_call(place, pinfo)
  end
  return steps
end

local function show_line(pinfo, line)
  pinfo.cols.protocol = "Iggy"
  if pinfo.private.iggy_line then
    pinfo.cols.info:append("; " .. line)
  else
    pinfo.cols.info:set(line)
    pinfo.private.iggy_line = "1"
  end
end

-- Dissects what TCP, TLS or WebSocket carries.
local function dissect(tvb, pinfo, tree, carrier)
  if tvb:len() == 0 then return 0 end
  local steps, reason = steps_of(tvb, pinfo, carrier)
  if steps == nil then return reason == "begun" and tvb:len() or 0 end
  local length = tvb:len()
  if steps.prefix then
    local all = ByteArray.new(steps.prefix .. tvb:raw(0, length), true)
    tvb = all:tvb("Reassembled Iggy")
  end
  for _, step in ipairs(steps) do
    if step.side then
      show_line(pinfo, show(step, tvb, step.at, step.stop, tree, pinfo))
    elseif step.more then
      if step.at < tvb:len() then
        pinfo.desegment_offset, pinfo.desegment_len = step.at, step.more
      end
    elseif step.kept then
      tree:add(iggy, tvb(step.at, step.kept), "Apache Iggy: the beginning of a PDU")
    else
      local item = tree:add(iggy, tvb(step.at, step.length), "Apache Iggy: bytes of no PDU")
      local message = step.length .. " bytes belong to no PDU"
      local what = step.wrong and "no frame starts here" or message
      add_finding(item, nil, nil, step.wrong and "malformed" or "sequence", "warn", what)
    end
  end
  return length
end

function iggy.dissector(tvb, pinfo, tree)
  return dissect(tvb, pinfo, tree, "tcp")
end

-- Takes a conversation on any port that opens with a request, or a VSR frame, and what follows.
local function heuristic(tvb, pinfo, tree, carrier)
  if tvb:len() == 0 then return false end
  local own_port = known_ports[pinfo.src_port] or known_ports[pinfo.dst_port]
  local known = known_conversation(pinfo)
  if known and known.framing or carrier == "tls" and own_port then
    return dissect(tvb, pinfo, tree, carrier) > 0
  end
  if tvb:len() < 8 or pinfo.visited then return false end
  local bytes = tvb:raw(0, math.min(tvb:len(), 65536))
  local fits = framings.vsr and is_header(bytes)
    or framings.classic and classic.plausible(NOTHING, "client", bytes)
  if not fits then return false end
  if carrier == "tcp" then pinfo.conversation = iggy end
  return dissect(tvb, pinfo, tree, carrier) > 0
end

iggy.prefs.ports = Pref.range("TCP ports", DEFAULT_PORTS, "Ports of Iggy servers", 65535)
iggy.prefs.show_secrets =
  Pref.bool("Show secrets", false, "Show passwords, tokens and keys instead of their length")
iggy.prefs.most_items =
  Pref.uint("Items shown of a list", 10000, "Messages of a batch, and other items, in the tree")
iggy.prefs.verify_checksums =
  Pref.bool("Verify CRC-32 checksums", false, "Of messages up to 0.5; later ones are XXH3")

settings.most_bytes = 64 * 1024 * 1024
settings.most_items = 10000

local registered = nil

local function register(ports)
  local tcp = DissectorTable.get("tcp.port")
  if registered then tcp:remove(registered, iggy) end
  registered = ports
  if ports ~= "" then tcp:add(ports, iggy) end
  known_ports = {}
  for first, last in ports:gmatch("(%d+)%-?(%d*)") do
    for port = tonumber(first), tonumber(last) or tonumber(first) do known_ports[port] = true end
  end
end

function iggy.prefs_changed()
  settings.show_secrets = iggy.prefs.show_secrets
  settings.most_items = iggy.prefs.most_items
  settings.verify_checksums = iggy.prefs.verify_checksums
  if tostring(iggy.prefs.ports) ~= registered then register(tostring(iggy.prefs.ports)) end
end

function iggy.init()
  forget_everything()
  local known, value = pcall(get_preference, "tcp.reassemble_out_of_order")
  in_order = known and value == true
end

iggy.fields = proto_fields
iggy.experts = {}
do
  local all = {}
  for _, by_severity in pairs(experts) do
    for _, one in pairs(by_severity) do all[#all + 1] = one end
  end
  iggy.experts = all
end
register(DEFAULT_PORTS)
DissectorTable.get("tcp.port"):add_for_decode_as(iggy)
for _, carrier in ipairs({ "tcp", "ws", "tls" }) do
  local function guess(tvb, pinfo, tree)
    return heuristic(tvb, pinfo, tree, carrier)
  end
  pcall(function() iggy:register_heuristic(carrier, guess) end)
end
