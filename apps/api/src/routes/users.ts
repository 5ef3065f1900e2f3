import { deleteUser, findUser, listUsers } from "@fanfare/db";
import { userSchema } from "@fanfare/domain";
import { z } from "zod";
import { idParams, notFound, requireUuid } from "../find-resource.js";
import { cutPage, idPage, idPageQuery, paginationSchema } from "../paging.js";
import { toUserResource } from "../resources/user.js";
import { defineRoute } from "../route.js";

const path = "/v1/PushNotifications/Users";
const tag = "Users";
const params = idParams("userId");
const user = userSchema.meta({ id: "User" });

/** `GET /v1/PushNotifications/Users` */
export const listAllUsers = defineRoute({
  method: "get",
  path,
  operationId: "listUsers",
  tag,
  summary: "List users, newest first",
  access: "read",
  query: z.strictObject(idPageQuery),
  answers: [
    {
      status: 200,
      description: "A page of users",
      schema: z.object({ users: z.array(user), pagination: paginationSchema }),
    },
  ],
  async handle(call) {
    const { context, caller, query } = call;
    const found = await listUsers(context.db, caller.accountId, idPage(query));
    const page = cutPage(call, found, ({ id }) => ({ before: id }));
    return { body: { users: page.entries.map(toUserResource), pagination: page.pagination } };
  },
});

/** `GET /v1/PushNotifications/Users/{userId}` */
export const fetchUser = defineRoute({
  method: "get",
  path: `${path}/:userId`,
  operationId: "fetchUser",
  tag,
  summary: "Fetch a user",
  access: "read",
  params,
  answers: [{ status: 200, description: "The user", schema: user }],
  async handle({ context, caller, params: { userId }, req }) {
    const found = await findUser(context.db, caller.accountId, requireUuid("pushnotificationuser", userId, req));
    if (!found) throw notFound("user", userId);
    return { body: toUserResource(found) };
  },
});

/** `DELETE /v1/PushNotifications/Users/{userId}` */
export const removeUser = defineRoute({
  method: "delete",
  path: `${path}/:userId`,
  operationId: "deleteUser",
  tag,
  summary: "Forget a user and all devices",
  access: "send",
  params,
  answers: [{ status: 204, description: "Forgotten" }],
  async handle({ context, caller, params: { userId }, req }) {
    const removed = await deleteUser(context.db, caller.accountId, requireUuid("pushnotificationuser", userId, req));
    if (!removed) throw notFound("user", userId);
    return { status: 204 };
  },
});
