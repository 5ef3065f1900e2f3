import { ErrorCode, Http2ConnectionError } from "../http2-error.js";
import { END_OF_STRING, huffmanCodes } from "./huffman-code.js";

/*
 * A state machine that eats four bits at a time. A state is a prefix of a code that is not whole yet: 256 of them, the root is 0.
 * No code is shorter than five bits, so that a step yields one symbol at most.
 */
const STEP_BITS = 4;

const STEPS_OF_STATE = 2 ** STEP_BITS;

/** What a step says beside the next state (bits 0 to 7) and its symbol (bits 8 to 15). */
const YIELDS = 1 << 16;
const FAILS = 1 << 17;

const { steps, mayEnd } = buildMachine();

/**
 * Decodes `bytes[start..end)` into `out`, which has room for 8/5 of it (RFC 7541, section 5.2).
 *
 * @returns how many bytes that makes.
 * @throws Http2ConnectionError when it contains the end of string, or is padded by anything but less than a byte of ones.
 */
export function decodeHuffman(bytes: Uint8Array, start: number, end: number, out: Uint8Array): number {
  let state = 0;
  let failed = 0;
  let length = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    const high = steps[(state << STEP_BITS) | (byte >> STEP_BITS)] as number;
    if (high & YIELDS) out[length++] = high >> 8;
    const low = steps[((high & 0xff) << STEP_BITS) | (byte & 0xf)] as number;
    if (low & YIELDS) out[length++] = low >> 8;
    state = low & 0xff;
    failed |= high | low;
  }
  if (failed & FAILS || mayEnd[state] === 0) {
    throw new Http2ConnectionError(ErrorCode.COMPRESSION_ERROR, "A string is not what its code allows.");
  }
  return length;
}

/** A node of the code's tree: two nodes below, or a symbol. */
interface Node {
  state: number;
  below: (Node | number)[];
}

function buildMachine(): { steps: Uint32Array; mayEnd: Uint8Array } {
  const nodes: Node[] = [];
  const addNode = (): Node => {
    const node = { state: nodes.length, below: [] };
    nodes.push(node);
    return node;
  };
  const root = addNode();
  for (const { symbol, code, bits } of huffmanCodes()) {
    let node = root;
    for (let bit = bits - 1; bit > 0; bit--) {
      const branch = Math.floor(code / 2 ** bit) % 2;
      node.below[branch] ??= addNode();
      node = node.below[branch] as Node;
    }
    node.below[code % 2] = symbol;
  }
  const table = new Uint32Array(nodes.length * STEPS_OF_STATE);
  for (const node of nodes) {
    for (let input = 0; input < STEPS_OF_STATE; input++) {
      table[(node.state << STEP_BITS) | input] = step(root, node, input);
    }
  }
  return { steps: table, mayEnd: endsOf(root, nodes.length) };
}

function step(root: Node, from: Node, input: number): number {
  let node = from;
  let result = 0;
  for (let bit = STEP_BITS - 1; bit >= 0; bit--) {
    const below = node.below[(input >> bit) & 1] as Node | number;
    if (below === END_OF_STRING) return FAILS;
    if (typeof below === "number") {
      result = YIELDS | (below << 8);
      node = root;
    } else {
      node = below;
    }
  }
  return result | node.state;
}

/** The states in which a string may end: after whole symbols, or after at most seven ones, which begin the end of string. */
function endsOf(root: Node, count: number): Uint8Array {
  const ends = new Uint8Array(count);
  let node: Node | number = root;
  for (let ones = 0; ones < 8 && typeof node === "object"; ones++) {
    ends[node.state] = 1;
    node = node.below[1] as Node | number;
  }
  return ends;
}
