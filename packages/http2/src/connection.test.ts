import { FrameFlag, FrameType } from "./frames.js";
import { ErrorCode } from "./http2-error.js";
import { SettingId } from "./settings.js";
import { connectInMemory, endConnections, frame, literalField, uint32, written } from "./testing/memory-peer.js";

const { DATA, HEADERS, CONTINUATION, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE } = FrameType;
const { END_STREAM, END_HEADERS, ACK } = FrameFlag;
const OK = Buffer.from([0x88]);
const ok = (stream: number) => frame(HEADERS, END_HEADERS | END_STREAM, stream, OK);

afterEach(endConnections);

test("all requests of a turn go out in one write", async () => {
  const { peer, send } = connectInMemory();
  await written();
  const writesBefore = peer.writes;
  for (let request = 0; request < 50; request++) send();
  await written();
  expect(peer.writes).toBe(writesBefore + 1);
  expect(peer.framesOf(HEADERS).map(({ stream }) => stream)).toEqual(Array.from({ length: 50 }, (_, n) => n * 2 + 1));
});

test("a client says first that it has no table and wants no pushes, and acknowledges SETTINGS", async () => {
  const { peer } = connectInMemory();
  await written();
  const [first, window, acknowledgement] = peer.frames;
  expect(first).toMatchObject({ type: SETTINGS, flags: 0 });
  expect(first?.payload.toString("hex")).toBe("000100000000" + "000200000000" + "000600010000");
  expect(window).toMatchObject({ type: WINDOW_UPDATE, stream: 0 });
  expect(acknowledgement).toEqual({ type: SETTINGS, flags: ACK, stream: 0, payload: Buffer.alloc(0) });
});

test("a request's fields are what was asked, whatever is in the peer's table and whatever size that has", async () => {
  const { peer, send, fieldsOf } = connectInMemory();
  const sizes = [undefined, undefined, undefined, 0, 100, 4_096, undefined];
  for (const size of sizes) {
    if (size !== undefined) peer.settings([SettingId.HEADER_TABLE_SIZE, size]);
    send("{}", { authorization: "bearer x", "apns-topic": "com.example.app" }, "/3/device/a");
    await written();
  }
  const blocks = peer.framesOf(HEADERS);
  for (const { payload } of blocks) {
    expect(fieldsOf(payload)).toEqual([
      [":method", "POST"],
      [":scheme", "https"],
      [":authority", "localhost"],
      [":path", "/3/device/a"],
      ["authorization", "bearer x"],
      ["apns-topic", "com.example.app"],
    ]);
  }
  // Once all that repeats is in the table: three bytes of pseudo-fields, the path, the authorization, and one for the topic.
  expect(blocks[2]?.payload).toHaveLength(3 + (2 + 11) + (3 + 8) + 1);
});

test("fields larger than a frame are continued, and the peer's larger frames are used", async () => {
  const { peer, send, fieldsOf } = connectInMemory();
  const large = { "x-large": "x".repeat(20_000) };
  send("", large);
  await written();
  const [head, rest] = peer.frames.slice(-2);
  expect(head).toMatchObject({ type: HEADERS, flags: END_STREAM, stream: 1 });
  expect(head?.payload).toHaveLength(16_384);
  expect(rest).toMatchObject({ type: CONTINUATION, flags: END_HEADERS, stream: 1 });
  expect(fieldsOf(Buffer.concat([head?.payload ?? OK, rest?.payload ?? OK])).at(-1)).toEqual([
    "x-large",
    large["x-large"],
  ]);
  peer.settings([SettingId.MAX_FRAME_SIZE, 30_000]);
  send("y".repeat(25_000), large);
  await written();
  expect(peer.frames.slice(-2).map(({ type, payload }) => [type, payload.length > 20_000])).toEqual([
    [HEADERS, true],
    [DATA, true],
  ]);
});

test("a window that SETTINGS make negative holds a body back until it is positive again", async () => {
  const { peer, send } = connectInMemory([[SettingId.INITIAL_WINDOW_SIZE, 100]]);
  send("x".repeat(150));
  await written();
  const dataBytes = () => peer.framesOf(DATA).reduce((sum, { payload }) => sum + payload.length, 0);
  expect(dataBytes()).toBe(100);
  peer.settings([SettingId.INITIAL_WINDOW_SIZE, 20]);
  peer.say(frame(WINDOW_UPDATE, 0, 1, uint32(80)));
  await written();
  expect(dataBytes()).toBe(100);
  peer.say(frame(WINDOW_UPDATE, 0, 1, uint32(30)));
  await written();
  expect(dataBytes()).toBe(130);
  peer.settings([SettingId.INITIAL_WINDOW_SIZE, 1_000]);
  await written();
  expect(dataBytes()).toBe(150);
  expect(peer.framesOf(DATA).map(({ flags }) => flags)).toEqual([0, 0, END_STREAM]);
});

test("the connection's window bounds all streams together, and those that wait go on in their order", async () => {
  const { peer, send } = connectInMemory();
  for (let request = 0; request < 20; request++) send("x".repeat(4_096));
  await written();
  const data = () => peer.framesOf(DATA);
  expect(data().reduce((sum, { payload }) => sum + payload.length, 0)).toBe(65_535);
  peer.say(frame(WINDOW_UPDATE, 0, 0, uint32(8_192)));
  await written();
  expect(
    data()
      .slice(-3)
      .map(({ stream }) => stream),
  ).toEqual([31, 33, 35]);
});

test("when the ids of streams have run out, what is under way is answered and nothing else is sent", async () => {
  const { peer, connection, send } = connectInMemory([], { firstStream: 2 ** 31 - 3 });
  const [first, second] = [send(), send()];
  expect(connection.state).toBe("draining");
  expect(send()).toEqual([{ kind: "not-processed", code: "NO_FREE_STREAM" }]);
  await written();
  peer.say(ok(2 ** 31 - 3), ok(2 ** 31 - 1));
  expect([first, second]).toMatchObject([[{ kind: "answered" }], [{ kind: "answered" }]]);
});

test("a PING is answered with what it said", async () => {
  const { peer } = connectInMemory();
  peer.say(frame(PING, 0, 0, Buffer.from("12345678")));
  await written();
  expect(peer.framesOf(PING)).toEqual([{ type: PING, flags: ACK, stream: 0, payload: Buffer.from("12345678") }]);
});

test("interim answers are passed over, trailers end an answer, and values of one name are joined", async () => {
  const { peer, send } = connectInMemory();
  const reply = send();
  await written();
  const early = frame(HEADERS, END_HEADERS, 1, literalField(":status", "103"));
  const head = Buffer.concat([OK, literalField("vary", "Origin"), literalField("vary", "Referer")]);
  peer.say(early, early, frame(HEADERS, END_HEADERS, 1, head), frame(DATA, 0, 1, Buffer.from("body")));
  expect(reply).toEqual([]);
  peer.say(frame(HEADERS, END_HEADERS | END_STREAM, 1, literalField("grpc-status", "0")));
  expect(reply).toMatchObject([{ kind: "answered", status: 200, headers: { vary: "Origin, Referer" } }]);
});

test("an answer's body is kept up to 64 KB", async () => {
  const { peer, send } = connectInMemory();
  const reply = send();
  await written();
  peer.say(frame(HEADERS, END_HEADERS, 1, OK));
  for (let piece = 0; piece < 20; piece++) peer.say(frame(DATA, 0, 1, Buffer.alloc(10_000)));
  peer.say(frame(DATA, END_STREAM, 1));
  expect(reply[0]?.kind === "answered" && reply[0].body.length).toBe(65_536);
});

test("what is told as not processed is never written, though it was sent in the turn in which the peer went", async () => {
  const { peer, connection, send } = connectInMemory();
  await written();
  const reply = send();
  peer.say(frame(GOAWAY, 0, 0, Buffer.concat([uint32(0), uint32(ErrorCode.ENHANCE_YOUR_CALM)])));
  expect(reply).toEqual([{ kind: "not-processed", code: "GOAWAY" }]);
  await written();
  expect(peer.framesOf(HEADERS)).toEqual([]);
  expect(connection.state).toBe("closed");
});

const malformed: [title: string, head: Buffer][] = [
  ["no status", literalField("vary", "x")],
  ["two statuses", Buffer.concat([OK, OK])],
  ["a status after another field", Buffer.concat([literalField("vary", "x"), OK])],
  ["a status of two digits", literalField(":status", "20")],
  ["a status of letters", literalField(":status", "2OO")],
  ["a pseudo-field of requests", Buffer.concat([OK, literalField(":path", "/")])],
  ["a name in upper case", Buffer.concat([OK, literalField("Vary", "x")])],
  ["a name of nothing", Buffer.concat([OK, literalField("", "x")])],
  ["a value with a line break", Buffer.concat([OK, literalField("x", "a\r\nb")])],
  ["a value that ends with a space", Buffer.concat([OK, literalField("x", "a ")])],
  ["a field of HTTP/1.1", Buffer.concat([OK, literalField("connection", "close")])],
  ["101", literalField(":status", "101")],
  ["an interim status that ends it", literalField(":status", "103")],
  ["more fields than this side takes", Buffer.concat([OK, Buffer.alloc(2_000, 0x90)])],
];
test.each(malformed)(
  "an answer with %s is none: its stream is reset, and the connection goes on",
  async (_title, head) => {
    const { peer, send } = connectInMemory();
    const [wrong, right] = [send(), send()];
    await written();
    peer.say(frame(HEADERS, END_HEADERS | END_STREAM, 1, head), ok(3));
    expect(wrong).toEqual([{ kind: "unknown", code: "PROTOCOL_ERROR" }]);
    expect(right).toMatchObject([{ kind: "answered" }]);
    await written();
    expect(peer.framesOf(RST_STREAM)).toEqual([
      { type: RST_STREAM, flags: 0, stream: 1, payload: uint32(ErrorCode.PROTOCOL_ERROR) },
    ]);
  },
);
