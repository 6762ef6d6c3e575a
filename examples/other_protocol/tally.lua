-- The framing of Tally, the twin of framing.ts: a magic byte, a kind, a tag, a code, a length.

local MAGIC, REQUEST, RESPONSE = FACTS.magic, FACTS.request, FACTS.response
local MAX_PAYLOAD = FACTS.max_payload

local tally = { name = "tally", header = FACTS.header }

-- Whether a header of this kind is at a place; of either kind where none is said.
local function is_header(bytes, at, kind)
  if #bytes - at < tally.header then return false end
  local magic, own = byte(bytes, at + 1, at + 2)
  if magic ~= MAGIC or u32le(bytes, at + 6) > MAX_PAYLOAD then return false end
  return own == kind or kind == nil and (own == REQUEST or own == RESPONSE)
end

local function kind_of(side)
  return side == "server" and RESPONSE or REQUEST
end

function tally.open(conversation)
  conversation.waiting = {} -- requests by their tag
end

function tally.detect(conversation, side, bytes)
  if is_header(bytes, 0, kind_of(side)) then return true end
  return not conversation.started and tally.find(conversation, side, bytes, 0) ~= nil
end

function tally.begins(_, bytes)
  return is_header(bytes, 0, REQUEST)
end

function tally.certain(bytes)
  return is_header(bytes, 0, REQUEST)
end

function tally.sender(bytes)
  if not is_header(bytes, 0, nil) then return nil end
  return byte(bytes, 2) == RESPONSE and "server" or "client"
end

function tally.measure(_, side, head)
  if not is_header(head, 0, kind_of(side)) then return 0 end
  return tally.header + u32le(head, 6)
end

function tally.find(_, side, bytes, at)
  for place = at, #bytes - tally.header do
    if is_header(bytes, place, kind_of(side)) then return place end
  end
  return nil
end

function tally.heard() end
function tally.gap() end
function tally.begin() end

function tally.frame(conversation, side, head, length, stamp)
  local tag, code = u16le(head, 2), u16le(head, 4)
  local pdu = new_pdu(conversation, side, stamp, length, tally.header)
  if side == "client" then
    pdu.command, pdu.code = by_code[code], code
    if pdu.command then interpret(pdu, pdu.command.request) end
    conversation.waiting[tag] = pdu
    return pdu
  end
  pdu.status = code
  local request = conversation.waiting[tag]
  conversation.waiting[tag] = nil
  if request == nil then
    find_issue(pdu, "note", "sequence", "no request with tag " .. tag .. " was captured")
    return pdu
  end
  pair(request, pdu)
  if pdu.command and code == 0 then interpret(pdu, pdu.command.response) end
  return pdu
end
