import { patient } from "@fanfare/testkit";
import { CLIENT_PREFACE, FrameFlag, FrameType } from "./frames.js";
import { encodeSettings, SettingId } from "./settings.js";
import { connectInMemory, endConnections, frame, literalField, uint32, written } from "./testing/memory-peer.js";

/*
 * Answers as a server may send them, mutated and cut anywhere. `FUZZ_BYTES` for more, `FUZZ_SEED` for others:
 *   FUZZ_BYTES=100000000 FUZZ_SEED=$RANDOM npm run test:unit -- --testPathPatterns packages/http2/src/fuzz
 */
const BYTES = Number(process.env.FUZZ_BYTES ?? 2_000_000);
const SEED = Number(process.env.FUZZ_SEED ?? 1);

const { DATA, HEADERS, CONTINUATION, PRIORITY, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE } = FrameType;
const { END_STREAM, END_HEADERS, ACK, PADDED } = FrameFlag;
const REQUESTS = 40;

/** A generator of numbers from 0 up to below a bound that is the same for the same seed (mulberry32). */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

type Random = ReturnType<typeof createRandom>;

/** What a server may say that has these streams. */
function makeFrames(random: Random): Buffer[] {
  const frames: Buffer[] = [];
  const bytes = (most: number) => Buffer.from(Array.from({ length: random(most) }, () => random(256)));
  const block = () =>
    Buffer.concat([
      Buffer.from([0x88 + random(7)]),
      literalField("apns-id", "00000000-0000-4000-8000-000000000000"),
      ...(random(2) ? [literalField("retry-after", String(random(100)))] : []),
      // The same text, Huffman-coded (RFC 7541, appendix C.6.1).
      ...(random(2) ? [Buffer.from("0f0d85aec3771a4b", "hex")] : []),
    ]);
  const others = [
    () => frame(SETTINGS, 0, 0, encodeSettings([[1 + random(6), random(40_000)]])),
    () => frame(SETTINGS, 0, 0, encodeSettings([[SettingId.INITIAL_WINDOW_SIZE, random(2 ** 31)]])),
    () => frame(SETTINGS, ACK, 0),
    () => frame(PING, random(2), 0, Buffer.alloc(8, random(256))),
    () => frame(WINDOW_UPDATE, 0, random(REQUESTS * 2), uint32(random(100_000))),
    () => frame(PRIORITY, 0, 1 + random(REQUESTS), bytes(8)),
    () => frame(random(256), random(256), random(REQUESTS * 2), bytes(40)),
    () => frame(RST_STREAM, 0, 1 + 2 * random(REQUESTS), uint32(random(14))),
    () => frame(GOAWAY, 0, 0, Buffer.concat([uint32(random(REQUESTS * 2)), uint32(random(2)), bytes(30)])),
  ];
  for (let stream = 1; stream < REQUESTS * 2; stream += 2) {
    if (random(8) === 0) frames.push((others[random(others.length)] as () => Buffer)());
    const head = block();
    const cut = random(head.length);
    if (random(3) === 0) {
      frames.push(frame(HEADERS, 0, stream, head.subarray(0, cut)));
      frames.push(frame(CONTINUATION, END_HEADERS, stream, head.subarray(cut)));
    } else {
      frames.push(frame(HEADERS, END_HEADERS, stream, head));
    }
    const padded = Buffer.concat([Buffer.from([3]), bytes(600), Buffer.alloc(3)]);
    frames.push(random(4) === 0 ? frame(DATA, PADDED, stream, padded) : frame(DATA, 0, stream, bytes(600)));
    frames.push(frame(DATA, END_STREAM, stream));
  }
  return frames;
}

/** The same bytes, some of them others, away, twice, or new. */
function mutate(random: Random, frames: Buffer[]): Buffer {
  if (random(4) === 0) frames.sort(() => random(3) - 1);
  let bytes = Buffer.concat(frames);
  for (let times = random(5); times > 0; times--) {
    const at = random(bytes.length);
    const length = random(40);
    const [before, piece, after] = [
      bytes.subarray(0, at),
      bytes.subarray(at, at + length),
      bytes.subarray(at + length),
    ];
    const kind = random(5);
    if (kind === 0) bytes = Buffer.concat([before, after]);
    else if (kind === 1) bytes = Buffer.concat([before, piece, piece, after]);
    else if (kind === 2) bytes = Buffer.concat([before, Buffer.from(CLIENT_PREFACE), piece, after]);
    else bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
  }
  return bytes;
}

afterEach(endConnections);

test(
  "whatever a server says, in whatever pieces: every request settles once, nothing throws, memory is bounded",
  async () => {
    const random = createRandom(SEED);
    let said = 0;
    let answered = 0;
    let memoryBefore = 0;
    for (let round = 0; said < BYTES; round++) {
      const { peer, connection, replies, send } = connectInMemory([], { maxStreams: REQUESTS });
      for (let request = 0; request < REQUESTS; request++) send("x".repeat(random(3_000)));
      await written();
      if (random(10) === 0) peer.isReading = false;
      const bytes = mutate(random, makeFrames(random));
      for (let at = 0; at < bytes.length; ) {
        const length = 1 + random(random(3) === 0 ? 12 : 20_000);
        // A copy: the client may keep nothing of a chunk that is used again.
        const chunk = Buffer.from(bytes.subarray(at, at + length));
        peer.say(chunk);
        chunk.fill(0xff);
        at += length;
      }
      peer.isReading = true;
      await written();
      connection.destroy();
      await connection.close();
      said += bytes.length;
      expect(replies.map((own) => own.length)).toEqual(Array(REQUESTS).fill(1));
      for (const [reply] of replies) {
        if (reply?.kind !== "answered") continue;
        answered++;
        expect(reply.headers).toBeDefined();
      }
      endConnections();
      if (round === 20) memoryBefore = process.memoryUsage().arrayBuffers;
    }
    // Were it always the first mutation that ends it all, little would be tested.
    expect(answered).toBeGreaterThan(said / 2_000);
    expect(process.memoryUsage().arrayBuffers - memoryBefore).toBeLessThan(200_000_000);
  },
  patient(60_000 + BYTES / 10),
);
