import { jest } from "@jest/globals";
import { doneUnlessSilent } from "./done-unless-silent.js";

const never = () => new Promise<never>(() => undefined);

/** A server and what waits for it. */
const aPing = () => jest.fn<() => Promise<unknown>>();

test("work that ends is done, whether the server answers or not", async () => {
  expect(await doneUnlessSilent(Promise.resolve(), { ping: never })).toBe(true);
});

test("work that fails is told", async () => {
  await expect(doneUnlessSilent(Promise.reject(new Error("stuck")), { ping: never })).rejects.toThrow("stuck");
});

test("work that waits for a server that says nothing is left", async () => {
  expect(await doneUnlessSilent(never(), { ping: never })).toBe(false);
});

test("one answer that is missing shows nothing", async () => {
  let end: (() => void) | undefined;
  const work = new Promise<void>((resolve) => {
    end = resolve;
  });
  const ping = aPing().mockImplementationOnce(never).mockResolvedValueOnce(1).mockImplementationOnce(never);
  ping.mockImplementationOnce(async () => end?.());
  expect(await doneUnlessSilent(work, { ping })).toBe(true);
  expect(ping).toHaveBeenCalledTimes(4);
});

test("work is waited for as long as its server answers, be it with a refusal", async () => {
  let end: (() => void) | undefined;
  const work = new Promise<void>((resolve) => {
    end = resolve;
  });
  const ping = aPing().mockResolvedValueOnce(1).mockRejectedValueOnce(new Error("refused"));
  ping.mockImplementationOnce(async () => end?.());
  expect(await doneUnlessSilent(work, { ping })).toBe(true);
  expect(ping).toHaveBeenCalledTimes(3);
});

test("what is in hand is not left, though the server says nothing", async () => {
  let left = 2;
  const ping = aPing().mockImplementation(never);
  const looks: number[] = [];
  const inHand = () => {
    looks.push(left);
    return left-- > 0 ? 1 : 0;
  };
  expect(await doneUnlessSilent(never(), { ping, inHand })).toBe(false);
  expect(looks.slice(0, 3)).toEqual([2, 1, 0]);
  expect(ping).toHaveBeenCalledTimes(2);
});
