import { unsentRequest } from "./unsent-request.js";

test.each(["ECONNREFUSED", "CONNECT_TIMEOUT", "NO_CONNECTION"])(
  "%s is told, with the provider and what to do",
  (code) => {
    expect(unsentRequest(code, "APNs")).toMatchObject({
      ...{ kind: "not-sent", code, detail: `APNs could not be called (${code}).` },
      advice: expect.stringMatching(/\.$/),
    });
  },
);

test.each(["NOT_WANTED", "CLOSED", "NO_FREE_STREAM", "REFUSED_STREAM", "GOAWAY", "DRAINING"])(
  "%s passes by itself, and no sender is told",
  (code) => {
    expect(unsentRequest(code, "FCM")).toEqual({ kind: "not-sent", code });
  },
);
