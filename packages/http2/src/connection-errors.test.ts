import { FrameFlag, FrameType } from "./frames.js";
import { ErrorCode } from "./http2-error.js";
import { encodeSettings, SettingId } from "./settings.js";
import { connectInMemory, endConnections, frame, uint32, written } from "./testing/memory-peer.js";

const { DATA, HEADERS, CONTINUATION, RST_STREAM, PUSH_PROMISE, SETTINGS, PING, GOAWAY, WINDOW_UPDATE } = FrameType;
const { END_STREAM, END_HEADERS, ACK, PADDED, PRIORITY } = FrameFlag;
const OK = Buffer.from([0x88]);
const setting = (id: number, value: number) => frame(SETTINGS, 0, 0, encodeSettings([[id, value]]));
const nothing = (bytes: number) => Buffer.alloc(bytes);
const block = (...bytes: number[]) => frame(HEADERS, END_HEADERS | END_STREAM, 1, Buffer.from(bytes));

afterEach(endConnections);

const breaches: [title: string, code: keyof typeof ErrorCode, frames: Buffer[]][] = [
  ["DATA on no stream", "PROTOCOL_ERROR", [frame(DATA, 0, 0, OK)]],
  ["HEADERS on no stream", "PROTOCOL_ERROR", [frame(HEADERS, END_HEADERS, 0, OK)]],
  ["PRIORITY on no stream", "PROTOCOL_ERROR", [frame(FrameType.PRIORITY, 0, 0, nothing(5))]],
  ["RST_STREAM on no stream", "PROTOCOL_ERROR", [frame(RST_STREAM, 0, 0, nothing(4))]],
  ["RST_STREAM of a stream that was never opened", "PROTOCOL_ERROR", [frame(RST_STREAM, 0, 5, nothing(4))]],
  ["RST_STREAM of three bytes", "FRAME_SIZE_ERROR", [frame(RST_STREAM, 0, 1, nothing(3))]],
  ["SETTINGS on a stream", "PROTOCOL_ERROR", [frame(SETTINGS, 0, 1)]],
  ["SETTINGS that are cut off", "FRAME_SIZE_ERROR", [frame(SETTINGS, 0, 0, nothing(7))]],
  ["an ACK with settings", "FRAME_SIZE_ERROR", [frame(SETTINGS, ACK, 0, nothing(6))]],
  ["an ACK too many", "PROTOCOL_ERROR", [frame(SETTINGS, ACK, 0), frame(SETTINGS, ACK, 0)]],
  ["a server that takes pushes", "PROTOCOL_ERROR", [setting(SettingId.ENABLE_PUSH, 1)]],
  ["a first window beyond 2^31-1", "FLOW_CONTROL_ERROR", [setting(SettingId.INITIAL_WINDOW_SIZE, 2 ** 31)]],
  ["frames that are too small", "PROTOCOL_ERROR", [setting(SettingId.MAX_FRAME_SIZE, 16_383)]],
  ["frames that are too large", "PROTOCOL_ERROR", [setting(SettingId.MAX_FRAME_SIZE, 2 ** 24)]],
  [
    "a first window that takes a stream's beyond 2^31-1",
    "FLOW_CONTROL_ERROR",
    [frame(WINDOW_UPDATE, 0, 1, uint32(2 ** 31 - 1 - 65_535)), setting(SettingId.INITIAL_WINDOW_SIZE, 65_538)],
  ],
  ["a promise", "PROTOCOL_ERROR", [frame(PUSH_PROMISE, END_HEADERS, 1, nothing(4))]],
  ["PING on a stream", "PROTOCOL_ERROR", [frame(PING, 0, 1, nothing(8))]],
  ["PING of nine bytes", "FRAME_SIZE_ERROR", [frame(PING, 0, 0, nothing(9))]],
  ["GOAWAY on a stream", "PROTOCOL_ERROR", [frame(GOAWAY, 0, 1, nothing(8))]],
  ["GOAWAY of seven bytes", "FRAME_SIZE_ERROR", [frame(GOAWAY, 0, 0, nothing(7))]],
  ["WINDOW_UPDATE of five bytes", "FRAME_SIZE_ERROR", [frame(WINDOW_UPDATE, 0, 0, nothing(5))]],
  ["a window that grows by nothing", "PROTOCOL_ERROR", [frame(WINDOW_UPDATE, 0, 0, nothing(4))]],
  ["the window of a stream that was never opened", "PROTOCOL_ERROR", [frame(WINDOW_UPDATE, 0, 3, uint32(1))]],
  ["a window beyond 2^31-1", "FLOW_CONTROL_ERROR", [frame(WINDOW_UPDATE, 0, 0, uint32(2 ** 31 - 1))]],
  ["a frame that is too large", "FRAME_SIZE_ERROR", [frame(0xee, 0, 1, nothing(16_385))]],
  ["a continuation of nothing", "PROTOCOL_ERROR", [frame(CONTINUATION, END_HEADERS, 1, OK)]],
  [
    "a continuation of another stream",
    "PROTOCOL_ERROR",
    [frame(HEADERS, 0, 1, OK), frame(CONTINUATION, END_HEADERS, 3, OK)],
  ],
  ["an unknown frame within a block", "PROTOCOL_ERROR", [frame(HEADERS, 0, 1, OK), frame(0xee, 0, 0)]],
  ["padding of more than a frame", "PROTOCOL_ERROR", [frame(HEADERS, END_HEADERS | PADDED, 1, Buffer.from([2, 0x88]))]],
  ["padding without a length", "PROTOCOL_ERROR", [frame(HEADERS, END_HEADERS | PADDED, 1)]],
  ["a priority that is cut off", "PROTOCOL_ERROR", [frame(HEADERS, END_HEADERS | PRIORITY, 1, nothing(4))]],
  ["an index 0", "COMPRESSION_ERROR", [block(0x80)]],
  ["an index of a table that has no room", "COMPRESSION_ERROR", [block(0xbe)]],
  ["a name of a table that has no room", "COMPRESSION_ERROR", [block(0x7e, 0)]],
  ["a table that is larger than was allowed", "COMPRESSION_ERROR", [block(0x21, 0x88)]],
  ["a table size after a field", "COMPRESSION_ERROR", [block(0x88, 0x20)]],
  ["a text that is cut off", "COMPRESSION_ERROR", [block(0x88, 0x0f, 0x10, 5, 0x61)]],
  ["a text whose padding is wrong", "COMPRESSION_ERROR", [block(0x88, 0x0f, 0x10, 0x81, 0)]],
  ["an integer without end", "COMPRESSION_ERROR", [block(0xff, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0)]],
  [
    "wrong fields of a stream that was given up",
    "COMPRESSION_ERROR",
    [frame(RST_STREAM, 0, 1, uint32(8)), block(0x80)],
  ],
];

test.each(breaches)("%s: the connection ends with %s, and says so", async (_title, code, frames) => {
  const { peer, connection, send } = connectInMemory();
  const reply = send();
  await written();
  peer.say(...frames);
  expect(reply.map(({ kind }) => kind)).not.toContain("not-processed");
  expect(reply).toHaveLength(1);
  expect(connection.freeStreams).toBe(0);
  await written();
  const [goaway] = peer.framesOf(GOAWAY);
  expect(goaway?.payload).toEqual(Buffer.concat([uint32(0), uint32(ErrorCode[code])]));
});

const streamFaults: [title: string, code: keyof typeof ErrorCode, frames: Buffer[]][] = [
  ["data before any answer", "PROTOCOL_ERROR", [frame(DATA, 0, 1, OK)]],
  ["a priority of four bytes", "FRAME_SIZE_ERROR", [frame(FrameType.PRIORITY, 0, 1, nothing(4))]],
  ["its window growing by nothing", "PROTOCOL_ERROR", [frame(WINDOW_UPDATE, 0, 1, nothing(4))]],
  ["its window beyond 2^31-1", "FLOW_CONTROL_ERROR", [frame(WINDOW_UPDATE, 0, 1, uint32(2 ** 31 - 1))]],
];

test.each(streamFaults)("%s: the stream ends with %s, and no other", async (_title, code, frames) => {
  const { peer, send } = connectInMemory();
  const [wrong, right] = [send(), send()];
  await written();
  peer.say(...frames);
  expect(wrong).toEqual([{ kind: "unknown", code }]);
  // What the peer had said before it knew does no harm.
  peer.say(...frames, block(0x88), frame(HEADERS, END_HEADERS | END_STREAM, 3, OK));
  expect(right).toMatchObject([{ kind: "answered", status: 200 }]);
  await written();
  expect(peer.framesOf(RST_STREAM)).toEqual([
    { type: RST_STREAM, flags: 0, stream: 1, payload: uint32(ErrorCode[code]) },
  ]);
});

test.each([
  ["PINGs", frame(PING, 0, 0, nothing(8))],
  ["SETTINGS", frame(SETTINGS, 0, 0)],
])(
  "a flood of %s whose answers the peer does not read ends the connection, and does not fill the memory",
  async (_title, flood) => {
    const { peer, connection, send } = connectInMemory();
    const reply = send();
    await written();
    peer.isReading = false;
    const chunk = Buffer.concat(Array<Buffer>(1_000).fill(flood));
    for (let times = 0; times < 12; times++) {
      peer.say(chunk);
      await written();
    }
    expect(connection.state).not.toBe("open");
    expect(reply).toEqual([{ kind: "unknown", code: "ENHANCE_YOUR_CALM" }]);
  },
);

test("a flood of PINGs is answered as long as the peer reads the answers", async () => {
  const { peer, connection } = connectInMemory();
  const chunk = Buffer.concat(Array<Buffer>(1_000).fill(frame(PING, 0, 0, nothing(8))));
  for (let times = 0; times < 12; times++) {
    peer.say(chunk);
    await written();
  }
  expect(connection.state).toBe("open");
  expect(peer.framesOf(PING)).toHaveLength(12_000);
});

test("fields without end, in frames that are full or empty, end the connection", async () => {
  for (const piece of [16_384, 0]) {
    const { peer, connection, send } = connectInMemory();
    const reply = send();
    await written();
    peer.say(frame(HEADERS, 0, 1, OK));
    let frames = 0;
    while (connection.state === "open" && frames++ < 10_000)
      peer.say(frame(CONTINUATION, 0, 1, Buffer.alloc(piece, 0x88)));
    expect(frames).toBeLessThan(100);
    expect(reply).toEqual([{ kind: "unknown", code: "ENHANCE_YOUR_CALM" }]);
  }
});
