import { withoutCall } from "./without-call.js";

test("what may never be sent is not tried again, and says which field it is about", () => {
  expect(withoutCall({ kind: "illegal", field: "apns-topic" })).toEqual({
    kind: "unsendable",
    code: "ILLEGAL_FIELD",
    detail: "Its apns-topic can not be sent: it has characters that HTTP does not allow there.",
  });
});

test("what was not processed is tried again", () => {
  expect(withoutCall({ kind: "not-processed", code: "GOAWAY" })).toEqual({ kind: "not-sent", code: "GOAWAY" });
});
