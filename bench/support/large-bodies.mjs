/** Just below the limit of a body. */
const SIZE = 20_900_000;

const CONTENT = '"content":{"title":"Hi"}';
const list = (count, one) => Array.from({ length: count }, (_, index) => one(index)).join();
const filled = (text, size = SIZE) => text.repeat(Math.floor(size / text.length));
const recipient = (index, more = "") => `{"provider":"FCM","token":"t${index}"${more}}`;
const to = (count, one) => `"to":[${list(count, one)}]`;
const variables = (count, name, value) => (index) =>
  recipient(index, `,"variables":{${list(count, (number) => `"${name(number, index)}":"${value}"`)}}`);
const send = (...fields) => `{${fields.join()}}`;
const toOne = (...fields) => send(to(1, recipient), ...fields);
const members = (count) => list(count, (index) => `"k${index}":"v"`);

/** Bodies of up to 20 MB that try to cost as much as they can, by what they are; some are accepted. */
export const LARGE_BODIES = {
  "1.3 million tags": () => toOne(CONTENT, `"tags":{${members(1_300_000)}}`),
  "1.3 million data keys": () => toOne(`"content":{"data":{${members(1_300_000)}}}`),
  "1.3 million unknown fields": () => toOne(CONTENT, members(1_300_000)),
  "130 unknown fields on each of 10,000": () =>
    send(
      to(10_000, (index) => recipient(index, `,${list(130, (number) => `"k${number}":1`)}`)),
      CONTENT,
    ),
  "44 unknown fields on each of 10,000": () =>
    send(
      to(10_000, (index) => recipient(index, `,${list(44, (number) => `"unknown_field_${number}":1`)}`)),
      CONTENT,
    ),
  "997 unknown fields on each of 470": () =>
    send(
      to(470, (index) => recipient(index, `,${list(997, (number) => `"unknown_field_${number}":1`)}`)),
      CONTENT,
    ),
  "44 variables of each of 10,000": () =>
    send(
      to(
        10_000,
        variables(44, (number) => `variable_${number}`, "x".repeat(20)),
      ),
      CONTENT,
    ),
  "the same beside a fault": () =>
    send(
      to(
        10_000,
        variables(44, (number) => `variable_${number}`, "x".repeat(20)),
      ),
      '"content":{"titel":"Hi"}',
    ),
  "9 variables with names of their own": () =>
    send(
      to(
        9_990,
        variables(9, (number, index) => `v${index}_${number}`, "x".repeat(180)),
      ),
      CONTENT,
    ),
  "nested variables of each of 10,000": () => {
    const nested = list(20, () => `{"b":"${"x".repeat(60)}"}`);
    return send(
      to(10_000, (index) => recipient(index, `,"variables":{"a":[${nested}]}`)),
      CONTENT,
    );
  },
  "10 addresses of each of 9,999": () => {
    const address = (index) => (number) => `{"provider":"FCM","token":"${"x".repeat(160)}${index}-${number}"}`;
    return send(
      to(9_999, (index) => `{"addresses":[${list(10, address(index))}]}`),
      CONTENT,
    );
  },
  "10,000 tokens of 2,000": () =>
    send(
      to(10_000, (index) => recipient(`${"x".repeat(2_000)}${index}`)),
      CONTENT,
    ),
  "5,000 tokens of 4,000": () =>
    send(
      to(5_000, (index) => recipient(`${"x".repeat(4_000)}${index}`)),
      CONTENT,
    ),
  "a title": () => toOne(`"content":{"title":"${filled("a", SIZE - 100)}"}`),
  "a title of escapes": () => toOne(`"content":{"title":"${filled("\\u00e9", SIZE - 100)}"}`),
  "Liquid in 50 languages": () => {
    const language = (index) => `"a${String.fromCharCode(97 + (index % 26), 97 + Math.floor(index / 26))}"`;
    const data = list(100, (index) => `"k${index}":"${filled("{{a}}", 4_000)}"`);
    return toOne(
      `"content":{"title":"Hi","localizations":{${list(50, (index) => `${language(index)}:{"data":{${data}}}`)}}}`,
    );
  },
  "497 numbers of data in 999 languages": () => {
    const data = list(497, (index) => `"k${index}":7`);
    return toOne(
      `"content":{"title":"Hi","localizations":{${list(999, (index) => `"en-${index}":{"data":{${data}}}`)}}}`,
    );
  },
  "990 unknown fields of each of 400 addresses": () => {
    const address = `{"provider":"FCM","token":"t",${members(990)}}`;
    return send(
      to(40, () => `{"addresses":[${list(10, () => address)}]}`),
      CONTENT,
    );
  },
  "999 fields of 20,000 characters": () =>
    toOne(CONTENT, `"y":{${list(999, (index) => `"${"y".repeat(20_000)}${index}":1`)}}`),
  "5,000 fields of 4,000 characters": () => {
    const fields = list(990, (index) => `"${"y".repeat(4_000)}${index}":1`);
    return toOne(CONTENT, `"y":[${list(5, () => `{${fields}}`)}]`);
  },
  "490,000 numbers with exponents": () => toOne(CONTENT, `"y":[${list(49, () => `[${filled("1e-300,", 69_993)}1]`)}]`),
  "white space": () => toOne(CONTENT) + filled(" ", SIZE - 100),
  "a number": () => toOne(CONTENT, `"badge":${filled("1", SIZE - 100)}`),
  brackets: () => filled("["),
  quotes: () => filled('"'),
};
