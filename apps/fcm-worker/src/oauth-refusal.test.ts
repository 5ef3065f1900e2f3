import { adviceOnRefusal } from "./oauth-refusal.js";

test.each(["invalid_grant", "invalid_client", "unauthorized_client", "invalid_scope"])(
  "%s has advice of its own",
  (error) => {
    expect(adviceOnRefusal(error)).not.toBe(adviceOnRefusal("new_error"));
  },
);

test.each(["new_error", "constructor", "__proto__", ""])("%j has the advice that always fits", (error) => {
  expect(adviceOnRefusal(error)).toContain("Look at the service account");
});
