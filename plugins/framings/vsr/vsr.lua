-- The VSR framing of servers since 0.9.0-edge.2 ------------------------------------------------
--
-- A header of 256 bytes that states the length of the frame, then the body. Replies carry the
-- operation and number of their request, and may overtake each other.

local MAX_FRAME, LAST_COMMAND = FACTS.max_frame, FACTS.last_command
local REQUEST, PREPARE, REPLY, EVICTION = FACTS.request, FACTS.prepare, FACTS.reply, FACTS.eviction
local REPAIR_PREPARE, REGISTER = FACTS.repair_prepare, FACTS.register
local NON_REPLICATED, STALE_CLIENT = FACTS.non_replicated, FACTS.stale_client
local QUIET_SECONDS, OLD_LOGINS = FACTS.quiet_seconds, FACTS.old_logins
local COMMAND_NAMES, OPERATION_NAMES = FACTS.command_names, FACTS.operation_names
local EVICTION_REASONS = FACTS.eviction_reasons

local vsr = { name = "vsr", header = FACTS.header }
local headers, bodies = {}, {} -- layouts by command byte

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
  return one > 0 and one <= LAST_COMMAND and legal_size(u32le(bytes, 48))
    and u32le(bytes, 56) == 0 and is_zero(bytes, 62, 128)
end

-- Whether a flow opens with a header of which at most one thing is wrong.
local function opens(bytes)
  if #bytes < 64 then return false end
  local one, right = byte(bytes, 61), 0
  for _, good in ipairs({
    legal_size(u32le(bytes, 48)),
    one > 0 and one <= LAST_COMMAND,
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
  local size, one = u32le(bytes, 48), byte(bytes, 61)
  if legal_size(size) and one <= LAST_COMMAND then return size end
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

function vsr.heard(conversation, _, stamp)
  local quiet = stamp.time - (conversation.last_time or stamp.time)
  if not conversation.certain and quiet > QUIET_SECONDS then
    conversation.waiting = {}
    conversation.certain, conversation.lockstep = true, true
  end
end

function vsr.begin() end

-- The command of a request's operation; where several share it, the one whose layout fits.
local function command_of(operation, pdu)
  local candidates = by_operation[operation] or {}
  local releases = pdu.conversation.releases
  if #candidates > 1 then
    for _, one in ipairs(candidates) do
      local newest = releases[#releases]
      local request, bytes = one.request, pdu_bytes()
      if judge(request, bytes, pdu.start, pdu.stop, newest) == 0 then return one end
    end
  end
  return candidates[1]
end

-- Whether servers drop a request for its header, without an answer.
local function is_dropped(bytes, operation)
  local no_number, no_session = is_zero(bytes, 168, 176), is_zero(bytes, 184, 192)
  if is_zero(bytes, 128, 144) or operation == 0 or OPERATION_NAMES[operation] == nil then
    return true
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
  local pdu = new_pdu(conversation, "client", stamp, length, 256)
  local operation = byte(bytes, 177)
  if operation == NON_REPLICATED then
    pdu.code = u32le(bytes, 196)
    pdu.command = by_code[pdu.code]
  else
    pdu.command = command_of(operation, pdu)
  end
  if pdu.command then
    interpret(pdu, pdu.command.request)
  elseif operation == NON_REPLICATED then
    find_issue(pdu, "warn", "protocol", "unknown command code " .. pdu.code, 196)
  end
  if not is_dropped(bytes, operation) then add_waiting(conversation, pdu, bytes, operation) end
  return pdu
end

-- Status and payload of a reply: the header's status, or the first of the result section.
local function read_result(pdu, head, one)
  local body, denied = pdu.stop - 256, u32le(head, 216)
  pdu.status, pdu.start = denied, 256
  pdu.result_issue = nil
  if denied ~= 0 then
    if body > 0 then pdu.result_issue = body .. " bytes behind a refusal, which has no body" end
    pdu.start = pdu.stop
  elseif one and one.result_section and body >= 4 then
    local count = u32le(pdu_bytes(), 256)
    pdu.start = 260
    if count > 0 then
      pdu.status = u32le(pdu_bytes(), 264) or 0
      if count * 8 ~= pdu.length - 260 then
        local told = count .. " results announced, but "
        pdu.result_issue = told .. (pdu.length - 260) .. " bytes follow"
      end
      pdu.start = pdu.stop
    end
  elseif one and one.result_section and body > 0 then
    pdu.result_issue = "a result section of " .. body .. " bytes"
    pdu.start = pdu.stop
  end
end

-- The request that a reply answers, or nil and why there is none.
local function find_request(conversation, key, pdu)
  local given_up = conversation.given_up[key] or 0
  if given_up > 0 then
    conversation.given_up[key] = given_up > 1 and given_up - 1 or nil
    return nil, "answers a request that was given up"
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
  if request == nil then return nil, "its request was not captured" end
  local one = request.command
  if not conversation.certain and one and pdu.status == 0 and pdu.start < pdu.stop then
    local of = one.response
    if not fits_some(conversation.releases, of, pdu_bytes(), pdu.start, pdu.stop, pdu.cut) then
      return nil, "nothing tells its request, after a part that was not captured"
    end
  end
  return remove_waiting(conversation, request)
end

-- The answer to a login names the server's release; from here on it is certain.
local function settle_by(pdu)
  if pdu.layout == nil or pdu.cut then return end
  local texts = texts_of(pdu.layout, pdu_bytes(), pdu.start, pdu.stop, pdu.release)
  local version = texts.server_version
  if version == nil then return end
  pdu.conversation.range = nil
  local releases, release = pdu.conversation.releases, release_of(version) or math.huge
  settle(releases, release < releases[1] and math.huge or release)
end

local function vsr_reply(conversation, bytes, length, stamp)
  local pdu = new_pdu(conversation, "server", stamp, length, 256)
  local replicated = byte(bytes, 209)
  local likely = by_operation[replicated] or {}
  local operation = replicated
  if likely[1] and likely[1].replicated_as == replicated and likely[1].operation then
    operation = likely[1].operation
  end
  read_result(pdu, bytes, likely[1])
  local key = operation .. "/" .. sub(bytes, 201, 208)
  local request, reason = find_request(conversation, key, pdu)
  local one = request and request.command or #likely == 1 and likely[1] or nil
  if request and request.command and request.command ~= likely[1] then
    read_result(pdu, bytes, one)
  end
  local of = (one or likely[1] or NOTHING).response
  if pdu.status == 0 and of then interpret(pdu, of) end
  if replicated == REGISTER and pdu.status == 0 then settle_by(pdu) end
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

local function version_text(packed)
  local major, rest = floor(packed / 1048576), packed % 1048576
  return string.format("%d.%d.%d", major, floor(rest / 1024), rest % 1024)
end

local function vsr_eviction(conversation, bytes, length, stamp)
  local pdu = new_pdu(conversation, "server", stamp, length, 256)
  local reason, request = byte(bytes, 256) or 0, nil
  pdu.evicted = EVICTION_REASONS[reason] or tostring(reason)
  if reason == FACTS.incompatible_protocol then
    local window = version_text(u32le(bytes, 148)) .. " to " .. version_text(u32le(bytes, 144))
    find_issue(pdu, "note", "protocol", "the server takes protocol versions " .. window, 144)
  end
  if reason ~= STALE_CLIENT then
    for _, waiting in ipairs(conversation.waiting) do
      local login = waiting.operation == REGISTER or OLD_LOGINS[waiting.code]
      if login and request == nil then request = waiting end
    end
    request = request or conversation.waiting[1]
  end
  if request then
    pair(remove_waiting(conversation, request), pdu)
  else
    find_issue(pdu, "note", "sequence", "the server ends the session without being asked")
  end
  return pdu
end

-- A frame between replicas; it stands for itself.
local function replica_frame(conversation, side, bytes, length, stamp)
  local pdu = new_pdu(conversation, side, stamp, length, 256)
  pdu.side, pdu.code = "replica", byte(bytes, 61)
  pdu.name = "vsr." .. COMMAND_NAMES[pdu.code]
  if pdu.code == PREPARE or pdu.code == REPAIR_PREPARE then
    local operation = byte(bytes, 209)
    local one = (by_operation[operation] or {})[1]
    if one then
      interpret(pdu, one.prepare or one.request)
    elseif pdu.start < pdu.stop then
      local message = "no layout for the body of operation "
      message = message .. (OPERATION_NAMES[operation] or tostring(operation))
      find_issue(pdu, "note", "undecoded", message, 256)
    end
  else
    interpret(pdu, bodies[pdu.code] or bodies.none)
  end
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
  if between and conversation.link ~= "client" and not is_zero(bytes, 32, 48) then
    conversation.link = "replica"
    return replica_frame(conversation, side, bytes, length, stamp)
  end
  local pdu = new_pdu(conversation, side, stamp, length, 256)
  pdu.code, pdu.name = one, "vsr." .. COMMAND_NAMES[one]
  local message = "a " .. side .. " sends no " .. COMMAND_NAMES[one] .. " on a client's link"
  find_issue(pdu, "warn", "protocol", message .. ": it is dropped", 60)
  return pdu
end

-- The layout of a header.
function vsr.header_of(bytes)
  return headers[byte(bytes, 61)]
end

-- The code of a command that is not replicated stands beside no other operation.
function R.command_code(o, e, t, operation)
  local at = o
  o = o + 4
  if o > e then short(at, 4, e) end
  local code = u32le(B, at)
  if code ~= 0 and byte(B, operation + 1) ~= NON_REPLICATED then
    local message = "command code " .. code .. " beside an operation that has none"
    problem(t, "protocol", at, message)
  end
  return o
end

-- What a server checks before it reads a request.
function check.request_session(t, at, client, operation, request)
  local no_session, no_number = is_zero(B, at, at + 8), is_zero(B, request, request + 8)
  local one, wrong = byte(B, operation + 1), nil
  if is_zero(B, client, client + 16) then
    wrong = "no client id"
  elseif one == 0 then
    wrong = "no operation"
  elseif one == REGISTER then
    if not (no_session and no_number) then wrong = "a login with a session or request number" end
  elseif one ~= NON_REPLICATED and (no_session or no_number) then
    wrong = "no session or request number"
  end
  if wrong then problem(t, "protocol", at, wrong .. ": servers drop such a request") end
end
