import { unsentRequest } from "./unsent-request.js";

test.each(["ECONNREFUSED", "CONNECT_TIMEOUT", "NO_CONNECTION"])(
  "%s is told, with the provider and what to do",
  (code) => {
    expect(unsentRequest({ kind: "not-processed", code }, "APN")).toMatchObject({
      ...{ kind: "not-sent", code, detail: `APNs could not be called (${code}).` },
      advice: expect.stringMatching(/\.$/),
    });
  },
);

test.each(["NOT_WANTED", "CLOSED", "NO_FREE_STREAM", "REFUSED_STREAM", "GOAWAY", "DRAINING"])(
  "%s passes by itself, and no sender is told",
  (code) => {
    expect(unsentRequest({ kind: "not-processed", code }, "FCM")).toEqual({ kind: "not-sent", code });
  },
);

test("what may never be sent is not tried again, and says which field it is about", () => {
  expect(unsentRequest({ kind: "illegal", field: "apns-topic" }, "APN")).toEqual({
    kind: "unsendable",
    code: "ILLEGAL_FIELD",
    detail: "Its apns-topic can not be sent: it has characters that HTTP does not allow there.",
  });
});
