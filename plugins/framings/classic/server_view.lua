-- What a server takes from the flow after it refused a staged request early: it reads the rest
-- of the body, and what follows, as frames and answers each.

local MAX_PAYLOAD, MAX_METADATA = FACTS.max_payload, FACTS.max_metadata
local STAGED_READS_SINCE, UNAUTHENTICATED = FACTS.staged_reads_since, FACTS.unauthenticated

-- The item count at the end of the metadata, nil where the metadata cannot be read.
local function staged_count(one, metadata, release)
  local texts, sound = texts_of(one.staged.metadata, metadata, 0, #metadata, release)
  return sound and tonumber(texts[one.staged.count]) or nil
end

-- Bytes that a server takes of a staged request before it refuses it; nil while too few are
-- there to tell.
local function staged_length(one, bytes, before_login, release)
  if before_login then return 8 end
  if #bytes < 12 then return nil end
  local payload, metadata = u32le(bytes, 0) - 4, u32le(bytes, 8)
  if metadata > payload then return 12 end
  if metadata > MAX_METADATA then return 12 + metadata end
  if #bytes < 12 + metadata then return nil end
  local count = staged_count(one, bytes:sub(13, 12 + metadata), release)
  if count == nil or count * one.staged.item_size > payload then return 12 + metadata end
  return max(payload - 4, metadata + count * one.staged.item_size) + 12
end

local function view_frame_length(view, bytes)
  if #bytes < 8 then return nil end
  local length = u32le(bytes, 0)
  view.code = length >= 4 and u32le(bytes, 4) or nil
  if length < 4 then return 8 end
  if view.code == view.staged.code then
    return staged_length(view.staged, bytes, view.before_login, view.release)
  end
  return length - 4 > MAX_PAYLOAD and 8 or length + 4
end

local function end_view_frame(view, stop)
  table.insert(view.frames, { start = view.position, stop = stop, code = view.code })
  view.position = stop
end

-- Takes the next bytes of the client's flow.
local function feed_view(view, bytes)
  local rest = view.head .. bytes
  if view.left > 0 then
    local taken = min(view.left, #rest)
    view.left = view.left - taken
    if view.left > 0 then return end
    rest = rest:sub(taken + 1)
    end_view_frame(view, view.stop)
  end
  while true do
    local length = view_frame_length(view, rest)
    if length == nil then break end
    view.stop = view.position + length
    view.left = max(0, length - #rest)
    rest = rest:sub(length + 1)
    if view.left > 0 then break end
    end_view_frame(view, view.stop)
  end
  view.head = rest
end

-- Where a refusal leaves bytes unread, follows what the server makes of them; false where it
-- would have to and the bytes are not there.
local function follow_refusal(conversation, pending, status)
  local one, releases = pending.command, conversation.releases
  local release = releases[#releases]
  if one == nil or one.staged == nil or release < STAGED_READS_SINCE then return true end
  local before_login = status == UNAUTHENTICATED
  local bytes = pending.bytes or ""
  local taken = staged_length(one, bytes, before_login, release)
  if taken == pending.length then return true end
  if pending.pdu and pending.pdu.cut then return false end
  if taken == nil then return true end
  conversation.refused = pending
  local view = { position = pending.offset + taken, staged = one, release = release }
  view.before_login, view.head, view.stop, view.left, view.frames = before_login, "", 0, 0, {}
  conversation.view = view
  for _, later in ipairs(conversation.queue) do bytes = bytes .. (later.bytes or "") end
  feed_view(view, bytes:sub(taken + 1))
  return true
end

-- Whether a response can be that to a frame. Servers before 0.7 read a request whole before they
-- refuse it: if one could be before 0.7, what it says tells the release.
function check.answers_frame(conversation, status, frame)
  if frame.code ~= nil and by_code[frame.code] ~= nil then return true end
  local staged, releases = status == FACTS.invalid_command, conversation.releases
  if not staged and releases[1] >= STAGED_READS_SINCE then return true end
  local first, last = STAGED_READS_SINCE, LATEST
  if not staged then first, last = 0, STAGED_READS_SINCE - 1 end
  Releases.keep(releases, first, last)
  conversation.range = nil
  if not staged then conversation.view = nil end
  return staged
end

-- Whether the response answers something that the client did not mean as a request.
local function misread(conversation, pdu)
  local queue = conversation.queue
  local frame = table.remove(conversation.view.frames, 1)
  if frame == nil or not check.answers_frame(conversation, pdu.status, frame) then return false end
  while queue[1] ~= nil and queue[1].offset < frame.start do table.remove(queue, 1) end
  if queue[1] ~= nil and queue[1].offset == frame.start then
    if queue[1].offset + queue[1].length == frame.stop then conversation.view = nil end
    return false
  end
  local refused = conversation.refused
  pdu.command = refused.command
  local texts = FACTS.texts
  local whose = refused.pdu and format(texts.of_packet, refused.pdu.frame) or ""
  local from = frame.start - refused.offset
  find_issue(pdu, "note", "protocol", format(texts.further_answer, whose, from))
  while queue[1] ~= nil and queue[1].offset < frame.stop do table.remove(queue, 1) end
  return true
end
