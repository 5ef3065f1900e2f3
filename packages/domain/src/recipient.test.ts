import { mintRowId } from "./ids.js";
import { type Recipient, withoutDuplicates } from "./recipient.js";

test("of equal addresses the first one stays, and the same token at the other provider is another address", () => {
  const recipients = [
    { provider: "FCM", token: "a" },
    { provider: "APN", token: "a" },
    { provider: "FCM", token: "b" },
    { provider: "FCM", token: "a" },
  ] as const;
  const { kept, duplicates } = withoutDuplicates(recipients);
  expect(kept).toEqual(recipients.slice(0, 3));
  expect(duplicates).toEqual([{ pointer: "/to/3", keptOrdinal: 1 }]);
});

test("an address of a list that stands elsewhere is left out of the list, and a list without others altogether", () => {
  const recipients: Recipient[] = [
    { provider: "FCM", token: "a" },
    {
      policy: "first",
      addresses: [
        { provider: "FCM", token: "a" },
        { provider: "APN", token: "b" },
      ],
    },
    { policy: "all", addresses: [{ provider: "APN", token: "b" }] },
  ];
  const { kept, duplicates } = withoutDuplicates(recipients);
  expect(kept).toEqual([recipients[0], { policy: "first", addresses: [{ provider: "APN", token: "b" }] }]);
  expect(duplicates).toEqual([
    { pointer: "/to/1/addresses/0", keptOrdinal: 1 },
    { pointer: "/to/2/addresses/0", keptOrdinal: 2 },
  ]);
});

test("a user who is named twice gets it once", () => {
  const userId = mintRowId();
  expect(withoutDuplicates([{ userId }, { userId }])).toEqual({
    kept: [{ userId }],
    duplicates: [{ pointer: "/to/1", keptOrdinal: 1 }],
  });
});
