-- The VSR framing of servers since 0.9.0-edge.2 ------------------------------------------------
--
-- A header of 256 bytes that states the length of the frame, then the body. Replies carry the
-- operation and number of their request, and may overtake each other.

local MAX_FRAME, REGISTER = FACTS.max_frame, FACTS.register
local REQUEST, REPLY, EVICTION = FACTS.request, FACTS.reply, FACTS.eviction
local NON_REPLICATED, STALE_CLIENT = FACTS.non_replicated, FACTS.stale_client
local OLD_LOGINS = FACTS.old_logins
local COMMAND_NAMES, OPERATION_NAMES = FACTS.command_names, FACTS.operation_names
local EVICTION_REASONS, TEXTS = FACTS.eviction_reasons, FACTS.texts

local vsr = { name = "vsr", header = FACTS.header }
local headers, bodies, lifespans = {}, {}, {} -- layouts and releases by command byte

function vsr.open(conversation)
  conversation.waiting = {} -- requests without an answer, oldest first
  conversation.given_up = {}
  conversation.certain, conversation.lockstep = conversation.started, conversation.started
  conversation.last_frame = 0
end

local function legal_size(size)
  return size >= 256 and size <= MAX_FRAME
end

-- Whether 128 bytes have the shape of a header.
local function is_header(bytes)
  if #bytes < 128 then return false end
  local one = byte(bytes, 61)
  return one > 0 and legal_size(u32le(bytes, 48))
    and u32le(bytes, 56) == 0 and is_zero(bytes, 62, 128)
end

-- Whether a flow opens with a header of which at most one thing is wrong.
local function opens(bytes)
  if #bytes < 64 then return false end
  local one, right = byte(bytes, 61), 0
  for _, good in ipairs({
    legal_size(u32le(bytes, 48)),
    one > 0,
    u32le(bytes, 56) == 0,
    is_zero(bytes, 62, min(#bytes, 128)),
    is_zero(bytes, 8, 16) and is_zero(bytes, 24, 32), -- checksums have 8 bytes in 16
  }) do
    if good then right = right + 1 end
  end
  return right >= 4
end

-- A header shows the framing; so does one that begins later, where the first bytes are missing.
function vsr.detect(conversation, side, bytes)
  if opens(bytes) then return true end
  if not conversation.started and vsr.find(conversation, side, bytes, 0) then return true end
  local beginning = min(#bytes, 32)
  return side == "client" and #bytes < 64 and is_zero(bytes, 0, beginning) and "more" or nil
end

-- Whether a flow's first bytes are those of the connection.
function vsr.begins(_, bytes)
  return opens(bytes)
end

-- Whether bytes can be nothing else than a header.
function vsr.certain(bytes)
  return is_header(bytes)
end

function vsr.sender(bytes)
  if not opens(bytes) then return nil end
  local one = byte(bytes, 61)
  return (one == REPLY or one == EVICTION) and "server" or "client"
end

function vsr.measure(conversation, side, bytes)
  local size, known = u32le(bytes, 48), COMMAND_NAMES[byte(bytes, 61)]
  if known and legal_size(size) or is_header(bytes) then return size end
  return 0
end

-- Where the next header is: 66 zero bytes stand from its byte 62 on.
function vsr.find(_, _, bytes, at)
  local zeros, from = ZEROS:sub(1, 66), at + 63
  while true do
    local found = find(bytes, zeros, from, true)
    if found == nil then return nil end
    if is_header(sub(bytes, found - 62, found + 65)) then return found - 63 end
    from = found + 1
  end
end

function vsr.gap(conversation)
  conversation.certain = false
end

local function remove_waiting(conversation, request)
  for i, other in ipairs(conversation.waiting) do
    if other == request then return table.remove(conversation.waiting, i) end
  end
end

function vsr.heard() end

function vsr.begin() end

-- A PDU of any frame; what its header tells of the release is taken at once.
function vsr.frame_pdu(conversation, side, stamp, length, head)
  local pdu = new_pdu(conversation, side, stamp, length, 256)
  local header = headers[byte(head, 61)] or headers.unknown
  if not agrees_on(conversation.releases, header) then
    choose_release(conversation.releases, header, head, 0, 256)
    conversation.range = nil
  end
  return pdu
end

-- First and last release of a client that states a protocol version; nil where none does.
function vsr.client_releases(protocol)
  if protocol > FACTS.newest_protocol then return LATEST, LATEST end
  local range = FACTS.protocols[protocol]
  if range == nil then return nil end
  return range[1], protocol == FACTS.ambiguous_protocol and FACTS.answers_unknown or range[2]
end

-- The same of a server, whose version text decides where releases share a protocol version.
function vsr.server_releases(protocol, version)
  local first, last = vsr.client_releases(protocol)
  local stated = release_of(version)
  if first == nil then return stated or LATEST, stated or LATEST end
  if stated and protocol < FACTS.ambiguous_protocol and stated >= first and stated <= last then
    return stated, stated
  end
  return first, last
end

-- Reports a command that no release still possible has.
function vsr.tell_lifespan(pdu, one, at)
  local releases = pdu.conversation.releases
  if Releases.overlap(releases, one) then return end
  local later = releases[#releases] < one.from
  local text, border = TEXTS.retired, one.to
  if later then text, border = TEXTS.came_with, one.from end
  local server = range_text(releases, vsr.releases[#vsr.releases])
  find_issue(pdu, "warn", "protocol", format(text, one.name, release_text(border), server), at)
end

-- The command of several whose layout fits the body of a request.
local function command_of(candidates, pdu, releases)
  if #candidates > 1 then
    for _, one in ipairs(candidates) do
      if fits_some(releases, one.request, pdu_bytes(), pdu.start, pdu.stop) then return one end
    end
  end
  return candidates[1]
end

-- Whether servers drop a request for its header, without an answer.
function vsr.is_dropped(bytes, operation, releases)
  local no_number, no_session = is_zero(bytes, 168, 176), is_zero(bytes, 184, 192)
  if is_zero(bytes, 128, 144) or operation == 0 then return true end
  if OPERATION_NAMES[operation] == nil then
    return releases[#releases] < FACTS.answers_unknown
  end
  if operation == REGISTER then return not (no_number and no_session) end
  return operation ~= NON_REPLICATED and (no_number or no_session)
end

local function add_waiting(conversation, pdu, bytes, operation)
  local waiting = conversation.waiting
  local together = pdu.frame == conversation.last_frame
  if #waiting > 0 and (together or conversation.certain) then conversation.lockstep = false end
  conversation.last_frame = pdu.frame
  pdu.key, pdu.operation = operation .. "/" .. sub(bytes, 169, 176), operation
  waiting[#waiting + 1] = pdu
  if #waiting > MAX_WAITING then
    local key = table.remove(waiting, 1).key
    conversation.given_up[key] = (conversation.given_up[key] or 0) + 1
  end
end

local function vsr_request(conversation, bytes, length, stamp)
  local pdu = vsr.frame_pdu(conversation, "client", stamp, length, bytes)
  local operation, releases = byte(bytes, 177), conversation.releases
  local candidates = by_operation[operation] or {}
  if operation == NON_REPLICATED then
    pdu.code = u32le(bytes, 196)
    candidates = { Releases.command_of(pdu.code, releases) }
  end
  local own = releases
  if candidates[1] and FACTS.states_version[candidates[1].name] then
    pdu.protocol = u32le(pdu_bytes(), 256)
    local first, last = nil, nil
    if pdu.protocol then first, last = vsr.client_releases(pdu.protocol) end
    if first then own = Releases.within(vsr.releases, first, last) end
  end
  pdu.command = command_of(candidates, pdu, own)
  if pdu.command then
    interpret(pdu, pdu.command.request, own)
    vsr.tell_lifespan(pdu, pdu.command, operation == NON_REPLICATED and 196 or 176)
  elseif operation == NON_REPLICATED then
    find_issue(pdu, "warn", "protocol", format(TEXTS.unknown_code, pdu.code), 196)
  end
  pdu.header_release = own[#own]
  local never = pdu.command and pdu.command.unanswered
  if not never and not vsr.is_dropped(bytes, operation, releases) then
    add_waiting(conversation, pdu, bytes, operation)
  end
  return pdu
end

-- Status and payload of a reply: the header's status, or the first of the result section.
local function read_result(pdu, head, one)
  local body, denied = pdu.stop - 256, u32le(head, 216)
  pdu.status, pdu.start = denied, 256
  pdu.result_issue = nil
  if denied ~= 0 then
    if body > 0 then pdu.result_issue = format(TEXTS.refusal_body, body) end
    pdu.start = pdu.stop
  elseif one and one.result_section and body >= 4 then
    local count = u32le(pdu_bytes(), 256)
    pdu.start = 260
    if count > 0 then
      pdu.status = u32le(pdu_bytes(), 264) or 0
      if count * 8 ~= pdu.length - 260 then
        pdu.result_issue = format(TEXTS.results, count, pdu.length - 260)
      end
      pdu.start = pdu.stop
    end
  elseif one and one.result_section and body > 0 then
    pdu.result_issue = format(TEXTS.result_section, body)
    pdu.start = pdu.stop
  end
end

-- The request that a reply answers, or nil and why there is none.
local function find_request(conversation, key, pdu)
  local given_up = conversation.given_up[key] or 0
  if given_up > 0 then
    conversation.given_up[key] = given_up > 1 and given_up - 1 or nil
    return nil, TEXTS.given_up
  end
  local same = {}
  for _, waiting in ipairs(conversation.waiting) do
    if waiting.key == key then same[#same + 1] = waiting end
  end
  if not conversation.certain and #same > 1 then
    for i = 1, #same - (conversation.lockstep and 1 or 0) do
      remove_waiting(conversation, same[i])
    end
    same = { conversation.lockstep and same[#same] or nil }
  end
  local request = same[1]
  if request == nil then return nil, TEXTS.not_captured end
  local one = request.command
  if not conversation.certain and one and pdu.status == 0 and pdu.start < pdu.stop then
    local of = one.response
    if not fits_some(conversation.releases, of, pdu_bytes(), pdu.start, pdu.stop, pdu.cut) then
      return nil, TEXTS.untold
    end
  end
  return remove_waiting(conversation, request)
end

-- The answer to a login says what the server is; from here on it is certain.
function vsr.settle_by(pdu)
  if pdu.layout == nil or pdu.cut then return end
  local texts = texts_of(pdu.layout, pdu_bytes(), pdu.start, pdu.stop, pdu.release)
  local protocol, version = tonumber(texts.server_protocol_version), texts.server_version
  if protocol == nil or version == nil then return end
  pdu.conversation.range = nil
  local kept = Releases.within(vsr.releases, vsr.server_releases(protocol, version))
  Releases.replace(pdu.conversation.releases, kept)
end

local function vsr_reply(conversation, bytes, length, stamp)
  local pdu = vsr.frame_pdu(conversation, "server", stamp, length, bytes)
  local replicated = byte(bytes, 209)
  local likely = Releases.answered_by(replicated)
  local operation = likely[1] and likely[1].operation or replicated
  read_result(pdu, bytes, likely[1])
  local key = operation .. "/" .. sub(bytes, 201, 208)
  local request, reason = find_request(conversation, key, pdu)
  local one = request and request.command or #likely == 1 and likely[1] or nil
  if request and request.command and request.command ~= likely[1] then
    read_result(pdu, bytes, one)
  end
  local of = (one or likely[1] or NOTHING).response
  if pdu.status == 0 and of then interpret(pdu, of) end
  if pdu.status == 0 and (replicated == REGISTER or one and FACTS.states_version[one.name]) then
    vsr.settle_by(pdu)
  elseif pdu.status == 0 and request and one then
    Releases.keep(conversation.releases, one.from, one.to)
  end
  pdu.header_release = conversation.releases[#conversation.releases]
  if pdu.result_issue then find_issue(pdu, "warn", "malformed", pdu.result_issue, 256) end
  pdu.result_issue = nil
  if request then
    pair(request, pdu)
  else
    pdu.command = one
    find_issue(pdu, "note", "sequence", reason)
  end
  return pdu
end

function vsr.version_text(packed)
  local major, rest = floor(packed / 1048576), packed % 1048576
  return format("%d.%d.%d", major, floor(rest / 1024), rest % 1024)
end

-- A protocol version with the releases that state it: 0.12.1 (Iggy 0.9.1-edge.5).
function vsr.protocol_words(protocol)
  local range = FACTS.protocols[protocol]
  if range == nil then return vsr.version_text(protocol) end
  local first, last = release_text(range[1]), release_text(range[2])
  local more = protocol == FACTS.newest_protocol and "+" or first == last and "" or ".." .. last
  return vsr.version_text(protocol) .. " (Iggy " .. first .. more .. ")"
end

-- Why a server refuses a client's protocol version, with both and who has to move.
function vsr.mismatch(client, oldest, newest)
  local words = vsr.protocol_words
  local window = oldest == newest and format(TEXTS.version, words(oldest))
    or format(TEXTS.versions, words(oldest), words(newest))
  if client == nil then return format(TEXTS.takes, window) end
  local message = format(TEXTS.speaks, words(client), window)
  if client > newest then return format(TEXTS.newer_client, message) end
  return client < oldest and format(TEXTS.older_client, message) or message
end

local function vsr_eviction(conversation, bytes, length, stamp)
  local pdu = vsr.frame_pdu(conversation, "server", stamp, length, bytes)
  pdu.header_release = conversation.releases[#conversation.releases]
  local reason, request = byte(bytes, 256) or 0, nil
  pdu.evicted = EVICTION_REASONS[reason] or tostring(reason)
  if pdu.stop > 256 then
    find_issue(pdu, "warn", "malformed", format(TEXTS.eviction_body, pdu.stop - 256), 256)
  end
  if reason ~= STALE_CLIENT then
    for _, waiting in ipairs(conversation.waiting) do
      local login = waiting.operation == REGISTER or OLD_LOGINS[waiting.code]
      if login and request == nil then request = waiting end
    end
    request = request or conversation.waiting[1]
  end
  if reason == FACTS.incompatible_protocol then
    local message = vsr.mismatch(request and request.protocol, u32le(bytes, 148), u32le(bytes, 144))
    find_issue(pdu, "warn", "protocol", message, 144)
  end
  if request then
    pair(remove_waiting(conversation, request), pdu)
  else
    find_issue(pdu, "note", "sequence", TEXTS.unasked)
  end
  return pdu
end

-- Tells of a body that nothing says how to read.
function vsr.tell_body(pdu, what)
  if pdu.start >= pdu.stop then return end
  find_issue(pdu, "note", "undecoded", format(TEXTS.no_layout, what), 256)
end

-- A frame between replicas; it stands for itself.
local function replica_frame(conversation, side, bytes, length, stamp)
  local number, releases = byte(bytes, 61), conversation.releases
  conversation.range = nil
  if lifespans[number] then Releases.keep(releases, lifespans[number][1], lifespans[number][2]) end
  local pdu = vsr.frame_pdu(conversation, side, stamp, length, bytes)
  pdu.side, pdu.code = "replica", number
  pdu.name = "vsr." .. (COMMAND_NAMES[number] or "unknown")
  local at = FACTS.operation_at[number]
  if COMMAND_NAMES[number] == nil then
    vsr.tell_body(pdu, format(TEXTS.command_byte, number))
  elseif at then
    local operation = byte(bytes, at + 1)
    local one = (by_operation[operation] or {})[1]
    if one then
      vsr.tell_lifespan(pdu, one, at)
      Releases.keep(releases, one.from, one.to)
      local layout = one.prepare or one.request
      if pdu.start >= pdu.stop and not pdu.cut and not agrees_on(releases, layout) then
        choose_release(releases, layout, pdu_bytes(), pdu.start, pdu.stop)
      end
      interpret(pdu, layout)
    else
      vsr.tell_body(pdu, format(TEXTS.operation, OPERATION_NAMES[operation] or operation))
    end
  else
    pdu.may_be_empty = true
    interpret(pdu, bodies[number] or bodies.none)
  end
  pdu.header_release = releases[#releases]
  return pdu
end

function vsr.frame(conversation, side, bytes, length, stamp)
  local one = byte(bytes, 61)
  if side == "client" and one == REQUEST then
    conversation.link = "client"
    return vsr_request(conversation, bytes, length, stamp)
  end
  if side == "server" and (one == REPLY or one == EVICTION) then
    conversation.link = "client"
    if one == REPLY then return vsr_reply(conversation, bytes, length, stamp) end
    return vsr_eviction(conversation, bytes, length, stamp)
  end
  local between = one > REQUEST and one ~= REPLY and one ~= EVICTION
  local opening = conversation.link == nil and between and not is_zero(bytes, 32, 48)
  if conversation.link == "replica" or opening then
    conversation.link = "replica"
    return replica_frame(conversation, side, bytes, length, stamp)
  end
  local pdu = vsr.frame_pdu(conversation, side, stamp, length, bytes)
  pdu.header_release = conversation.releases[#conversation.releases]
  local name = COMMAND_NAMES[one] or "unknown"
  pdu.code, pdu.name = one, "vsr." .. name
  if name ~= "unknown" then
    find_issue(pdu, "warn", "protocol", format(TEXTS.stray, side, name), 60)
  end
  return pdu
end

-- The layout of a header.
function vsr.header_of(bytes)
  return headers[byte(bytes, 61)] or headers.unknown
end

-- The code of a command that is not replicated stands beside no other operation.
function R.command_code(o, e, t, operation)
  local at = o
  o = o + 4
  if o > e then short(at, 4, e) end
  local code = u32le(B, at)
  if code ~= 0 and byte(B, operation + 1) ~= NON_REPLICATED then
    problem(t, "protocol", at, format(TEXTS.code_beside, code))
  end
  return o
end

-- What a server checks before it reads a request. Before the login, some releases' clients
-- count their requests: that speaks for or against a release, and is nothing to report.
local function check_session(t, at, client, operation, request, counts)
  local no_session, no_number = is_zero(B, at, at + 8), is_zero(B, request, request + 8)
  local one, wrong = byte(B, operation + 1), nil
  if one == NON_REPLICATED and no_session and no_number == counts then PROBLEMS = PROBLEMS + 1 end
  if is_zero(B, client, client + 16) then
    wrong = TEXTS.no_client
  elseif one == 0 then
    wrong = TEXTS.no_operation
  elseif one == REGISTER then
    if not (no_session and no_number) then wrong = TEXTS.numbered_login end
  elseif one ~= NON_REPLICATED and (no_session or no_number) then
    wrong = TEXTS.no_session
  end
  if wrong then problem(t, "protocol", at, wrong) end
end

function check.request_session(t, at, client, operation, request)
  check_session(t, at, client, operation, request, false)
end

function check.counting_session(t, at, client, operation, request)
  check_session(t, at, client, operation, request, true)
end
