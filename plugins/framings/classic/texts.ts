/**
 * What pairing says of responses, in the program and in the Wireshark export.
 */
export const TEXTS = Object.freeze({
  given_up: "answers a request that was given up",
  untold: "nothing tells its request, after a part that was not captured",
  missed: "its response may be among the bytes not captured",
  not_captured: "its request was not captured",
  unsolicited: "unsolicited, or its request was not captured: ",
  no_payload: "no payload",
});
