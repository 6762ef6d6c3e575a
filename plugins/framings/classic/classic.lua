-- The classic framing of servers 0.5 to 0.8 ----------------------------------------------------
--
-- Requests: length u32 (counts the code), code u32, payload. Responses: status u32, length u32,
-- payload. They are answered in order; nothing in a response names its request.

local MAX_STATUS, UNSOLICITED, TEXTS = FACTS.max_status, FACTS.unsolicited, FACTS.texts
local MAX_CONTROL = FACTS.max_guessed

local classic = { name = "classic", header = FACTS.header }

function classic.open(conversation)
  conversation.queue = {} -- requests without a response, oldest first
  conversation.certain = conversation.started
  conversation.lockstep = true
  conversation.last_begun, conversation.ahead_since, conversation.last_answered = 0, 0, 0
  conversation.left_over, conversation.dropped_ahead, conversation.next_offset = 0, 0, 0
end

-- Length of the frame whose header is there; 0 where no frame begins. A header that no server
-- reads a body for is a frame of its own.
function classic.measure(_, side, bytes)
  local first, second = u32le(bytes, 0), u32le(bytes, 4)
  if side == "client" then
    if first < 4 then return 8 end
    if first - 4 <= MAX_PAYLOAD then return first + 4 end
    local one = by_code[second]
    return one ~= nil and one.staged ~= nil and first + 4 or 8
  end
  if first ~= 0 then return second == 0 and 8 or 0 end
  return second <= settings.max_bytes and second + 8 or 0
end

-- Gives the oldest requests out: their responses may have been missed.
local function give_up(conversation, count)
  for _ = 1, count do table.remove(conversation.queue, 1) end
end

local function runs_ahead(conversation, frame)
  conversation.lockstep = false
  conversation.ahead_since = frame
end

-- Something was missed: the next response may not be that of the oldest request.
local function doubt(conversation)
  conversation.certain, conversation.left_over, conversation.view = false, -math.huge, nil
end

function classic.gap(conversation, side)
  if side == "client" and conversation.view ~= nil then runs_ahead(conversation, 0) end
  doubt(conversation)
  if side == "server" and conversation.ahead_since > conversation.last_answered then
    conversation.lockstep = true
  end
  if side == "client" then conversation.arriving = nil end
end

-- Whether a flow may open with these bytes on a port of Iggy.
function classic.detect(_, side, bytes)
  if #bytes < 8 then return true end
  local first, second = u32le(bytes, 0), u32le(bytes, 4)
  if side == "server" then return first == 0 or first <= MAX_STATUS and second == 0 end
  if by_code[second] == nil then
    return first >= 4 and first <= MAX_CONTROL and first + 4 == #bytes
  end
  return first - 4 <= 4 * MAX_PAYLOAD
end

-- Whether a header is so odd that it may be none: bytes before it may be missing.
function classic.doubtful(side, bytes)
  local first, second = u32le(bytes, 0), u32le(bytes, 4)
  return side == "client" and first > MAX_CONTROL and by_code[second] == nil
end

-- Where the next PDU begins, nil where none does: only where a segment does.
function classic.find(conversation, side, bytes, at)
  return at == 0 and classic.plausible(conversation, side, bytes) and 0 or nil
end

function classic.heard(conversation, side, stamp)
  if side == "server" then conversation.last_answered = stamp.frame end
end

-- A request whose header is there; its body may still come.
function classic.begin(conversation, side, bytes, length, stamp)
  if side ~= "client" then return end
  local arriving = conversation.arriving
  if arriving ~= nil then
    if arriving.length == length and arriving.code == u32le(bytes, 4) then return end
    -- The one that was to come never did.
    classic.gap(conversation, "client")
  end
  local pending = { code = u32le(bytes, 4), length = length, offset = conversation.next_offset }
  pending.command = by_code[pending.code]
  conversation.next_offset = conversation.next_offset + length
  conversation.arriving = pending
  local queue = conversation.queue
  queue[#queue + 1] = pending
  local together = conversation.last_begun == stamp.frame
  if #queue > 1 and (together or conversation.certain and conversation.lockstep) then
    runs_ahead(conversation, together and 0 or stamp.frame)
  end
  conversation.last_begun = stamp.frame
  if #queue > MAX_WAITING then
    table.remove(queue, 1)
    conversation.dropped_ahead = conversation.dropped_ahead + 1
  end
end

local function request_of(conversation, head, length, stamp)
  local pending = conversation.arriving
  conversation.arriving = nil
  local pdu = new_pdu(conversation, "client", stamp, length, 8)
  pdu.code_at = 4
  pdu.command = pending.command
  if pdu.command == nil then pdu.code = pending.code end
  pending.pdu = pdu
  if pdu.command then interpret(pdu, pdu.command.request) end
  local stated = u32le(head, 0)
  if stated < 4 then
    find_issue(pdu, "warn", "malformed", format(TEXTS.short_length, stated), 0)
  elseif stated + 4 ~= length then
    find_issue(pdu, "warn", "malformed", format(TEXTS.long_length, stated), 0)
  elseif pdu.command == nil then
    find_issue(pdu, "warn", "malformed", format(TEXTS.unknown_code, pdu.code), 0)
  end
  -- A staged request may be refused before its end; then what the bytes from there on are to
  -- the server decides what its answers belong to.
  if conversation.view ~= nil then feed_view(conversation.view, pdu_bytes()) end
  local staged = false
  for _, waiting in ipairs(conversation.queue) do
    staged = staged or waiting.command ~= nil and waiting.command.staged ~= nil
  end
  if staged and pdu.stop <= MAX_PAYLOAD then pending.bytes = pdu_bytes() end
  if pending.response then pair(pdu, pending.response) end
  return pdu
end

-- Whether a response may be paired although something was missed.
local function could_answer(conversation, pdu)
  local queue = conversation.queue
  give_up(conversation, #queue - (conversation.lockstep and 1 or 0))
  local pending = queue[1]
  if pending == nil or pending.pdu == nil and pdu.status == 0 then
    if pending ~= nil or conversation.left_over > 0 then runs_ahead(conversation, 0) end
    if pending == nil then conversation.left_over = conversation.left_over + 1 end
    return false
  end
  -- What a server says without being asked is no answer to what it can read.
  if pending.command ~= nil and UNSOLICITED[pdu.status] then return false end
  if pending.command == nil or pdu.status ~= 0 or pdu.start >= pdu.stop then return true end
  local of = pending.command.response
  return fits_some(conversation.releases, of, pdu_bytes(), pdu.start, pdu.stop, pdu.cut)
end

local function answer(pending, pdu)
  local one = pending.command
  if pdu.status == 0 and one ~= nil then
    if pdu.start < pdu.stop then
      interpret(pdu, one.response)
    elseif one.response.least > 0 and not one.empty_if_missing then
      find_issue(pdu, "warn", "malformed", TEXTS.no_payload, 8)
    end
  end
  pdu.command = one
  if one == nil then pdu.code = pending.code end
  if pending.pdu == nil then
    pending.response = pdu
  else
    pair(pending.pdu, pdu)
  end
end

local function response_of(conversation, head, length, stamp)
  local pdu = new_pdu(conversation, "server", stamp, length, 8)
  pdu.status, pdu.status_at = u32le(head, 0), 0
  local reason = nil
  if conversation.dropped_ahead > 0 then
    conversation.dropped_ahead = conversation.dropped_ahead - 1
    reason = TEXTS.given_up
  elseif conversation.view ~= nil and misread(conversation, pdu) then
    return pdu
  elseif not conversation.certain and not could_answer(conversation, pdu) then
    reason = TEXTS.untold
  else
    local pending = table.remove(conversation.queue, 1)
    if pending ~= nil then
      answer(pending, pdu)
      if pdu.status ~= 0 and not follow_refusal(conversation, pending, pdu.status) then
        -- Nobody knows what the server reads of the rest of the request.
        doubt(conversation)
        runs_ahead(conversation, 0)
      end
      return pdu
    end
    local known = UNSOLICITED[pdu.status]
    reason = known == nil and TEXTS.not_captured
      or format(TEXTS.unsolicited, known)
  end
  find_issue(pdu, "note", "sequence", reason)
  return pdu
end

function classic.frame(conversation, side, head, length, stamp)
  if side == "server" then return response_of(conversation, head, length, stamp) end
  classic.begin(conversation, side, head, length, stamp)
  return request_of(conversation, head, length, stamp)
end

-- Whether bytes look like the beginning of a request or response, to find one again after
-- bytes were lost, or on a port that nothing is known of.
function classic.plausible(conversation, side, bytes)
  if #bytes < 8 then return false end
  local first, second = u32le(bytes, 0), u32le(bytes, 4)
  if side == "server" then
    if first ~= 0 then return first <= MAX_STATUS and second == 0 end
    if second > settings.max_bytes then return false end
    local queue = conversation.queue or NOTHING
    local awaited = (queue[#queue] or NOTHING).command
    if second == 0 then
      if awaited and awaited.response.least > 0 and not awaited.empty_if_missing then
        return false
      end
      return #bytes == 8 or classic.plausible(conversation, side, bytes:sub(9))
    end
    local stop = min(#bytes, second + 8)
    return awaited == nil
      or fits_some(conversation.releases, awaited.response, bytes, 8, stop, second + 8 > #bytes)
  end
  local one = by_code[second]
  if one == nil or first < 4 then return false end
  local payload = first - 4
  if payload < one.request.least or payload > settings.max_bytes then return false end
  if one.request.empty and payload > 0 then return false end
  local releases = conversation.releases or classic.releases
  local stop = min(#bytes, first + 4)
  return fits_some(releases, one.request, bytes, 8, stop, first + 4 > #bytes)
end

-- Whether a flow's first bytes are those of the connection.
function classic.begins(conversation, bytes)
  return classic.plausible(conversation, "client", bytes)
end

-- Whether bytes can be nothing else than the beginning of a request.
function classic.certain(bytes)
  return classic.plausible(NOTHING, "client", bytes)
end
