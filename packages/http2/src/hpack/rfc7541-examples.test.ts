import { createHpackDecoder } from "./decoder.js";
import { BEGIN_BYTES_AT_MOST, createHpackEncoder, encodedBytesAtMost } from "./encoder.js";
import { IntegerReader, writeInteger } from "./integer.js";

type Field = [name: string, value: string];

const bytes = (hex: string) => Buffer.from(hex.replaceAll(" ", ""), "hex");

function decodeAll(tableBytes: number, blocks: string[]): Field[][] {
  const decoder = createHpackDecoder(tableBytes);
  return blocks.map((hex) => {
    const fields: Field[] = [];
    const block = bytes(hex);
    decoder.decode(block, 0, block.length, (name, value) => fields.push([name, value]));
    return fields;
  });
}

function encode(fields: Field[], neverIndexed: string[] = []): string {
  const encoder = createHpackEncoder(neverIndexed);
  const out = Buffer.alloc(fields.reduce((sum, field) => sum + encodedBytesAtMost(...field), BEGIN_BYTES_AT_MOST));
  const end = fields.reduce((at, field) => encoder.field(out, at, ...field), encoder.begin(out, 0));
  return out.subarray(0, end).toString("hex");
}

describe("RFC 7541, appendix C", () => {
  test.each([
    ["C.1.1", 10, 5, "0a"],
    ["C.1.2", 1337, 5, "1f9a0a"],
    ["C.1.3", 42, 8, "2a"],
  ])("%s: the integer %d with a prefix of %d bits", (_section, value, prefixBits, hex) => {
    const out = Buffer.alloc(8);
    const end = writeInteger(out, 0, 0, prefixBits, value);
    expect(out.subarray(0, end).toString("hex")).toBe(hex);
    const reader = new IntegerReader();
    Object.assign(reader, { bytes: out, at: 0, end });
    expect(reader.readInteger(prefixBits)).toBe(value);
    expect(reader.at).toBe(end);
  });

  const single: [section: string, hex: string, field: Field, neverIndexed: string[]][] = [
    ["C.2.1", "400a637573746f6d2d6b65790d637573746f6d2d686561646572", ["custom-key", "custom-header"], []],
    ["C.2.2", "040c2f73616d706c652f70617468", [":path", "/sample/path"], []],
    ["C.2.3", "100870617373776f726406736563726574", ["password", "secret"], ["password"]],
    ["C.2.4", "82", [":method", "GET"], []],
  ];
  test.each(single)("%s: a field by itself, read and written", (_section, hex, field, neverIndexed) => {
    expect(decodeAll(4_096, [hex])).toEqual([[field]]);
    expect(encode([field], neverIndexed)).toBe(hex);
  });

  const requests: Field[][] = [
    [
      [":method", "GET"],
      [":scheme", "http"],
      [":path", "/"],
      [":authority", "www.example.com"],
    ],
    [
      [":method", "GET"],
      [":scheme", "http"],
      [":path", "/"],
      [":authority", "www.example.com"],
      ["cache-control", "no-cache"],
    ],
    [
      [":method", "GET"],
      [":scheme", "https"],
      [":path", "/index.html"],
      [":authority", "www.example.com"],
      ["custom-key", "custom-value"],
    ],
  ];

  test("C.3: requests without Huffman coding", () => {
    const blocks = [
      "828684410f7777772e6578616d706c652e636f6d",
      "828684be58086e6f2d6361636865",
      "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
    ];
    expect(decodeAll(4_096, blocks)).toEqual(requests);
  });

  test("C.4: requests with Huffman coding", () => {
    const blocks = [
      "828684418cf1e3c2e5f23a6ba0ab90f4ff",
      "828684be5886a8eb10649cbf",
      "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
    ];
    expect(decodeAll(4_096, blocks)).toEqual(requests);
  });

  const cookie = "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1";
  const responses: Field[][] = [
    [
      [":status", "302"],
      ["cache-control", "private"],
      ["date", "Mon, 21 Oct 2013 20:13:21 GMT"],
      ["location", "https://www.example.com"],
    ],
    [
      [":status", "307"],
      ["cache-control", "private"],
      ["date", "Mon, 21 Oct 2013 20:13:21 GMT"],
      ["location", "https://www.example.com"],
    ],
    [
      [":status", "200"],
      ["cache-control", "private"],
      ["date", "Mon, 21 Oct 2013 20:13:22 GMT"],
      ["location", "https://www.example.com"],
      ["content-encoding", "gzip"],
      ["set-cookie", cookie],
    ],
  ];

  test("C.5: responses without Huffman coding, in a table of 256 bytes", () => {
    const blocks = [
      `4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d54
       6e1768747470733a2f2f7777772e6578616d706c652e636f6d`,
      "4803333037c1c0bf",
      `88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153
       444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31`,
    ];
    expect(
      decodeAll(
        256,
        blocks.map((hex) => hex.replaceAll(/\s/g, "")),
      ),
    ).toEqual(responses);
  });

  test("C.6: responses with Huffman coding, in a table of 256 bytes", () => {
    const blocks = [
      `488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff
       6e919d29ad171863c78f0b97c8e9ae82ae43d3`,
      "4883640effc1c0bf",
      `88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b
       3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007`,
    ];
    expect(
      decodeAll(
        256,
        blocks.map((hex) => hex.replaceAll(/\s/g, "")),
      ),
    ).toEqual(responses);
  });
});
