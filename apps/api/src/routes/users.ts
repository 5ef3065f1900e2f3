import { deleteUser, findUser, listUsers } from "@fanfare/db";
import { userSchema } from "@fanfare/domain";
import { z } from "zod";
import { idParams, notFound, requireUuid } from "../find-resource.js";
import { cutIdPage, idPage, idPageQuery, paginationSchema } from "../paging.js";
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
      schema: z.object({
        users: z.array(user).meta({ description: "Users, newest first." }),
        pagination: paginationSchema,
      }),
    },
  ],
  handle:
    ({ db, publicUrl }) =>
    async (req, account) => {
      const found = await listUsers(db, account.id, idPage(req.query));
      const { entries, pagination } = cutIdPage(found, req, publicUrl);
      return { body: { users: entries.map(toUserResource), pagination } };
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
  handle:
    ({ db }) =>
    async ({ params: { userId }, http }, account) => {
      const found = await findUser(db, account.id, requireUuid("pushnotificationuser", userId, http.req));
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
  handle:
    ({ db }) =>
    async ({ params: { userId }, http }, account) => {
      const removed = await deleteUser(db, account.id, requireUuid("pushnotificationuser", userId, http.req));
      if (!removed) throw notFound("user", userId);
      return { status: 204 };
    },
});
