import type { RequestHandler } from "express";
import type { ApiContext } from "../context.js";
import { requireOperation } from "../find-resource.js";
import { toOperationResource } from "../operation-resource.js";

/** `GET /v1/PushNotifications/Operations/{operationId}` */
export function fetchOperation(context: ApiContext): RequestHandler<{ operationId: string }> {
  return async (req, res) => {
    res.json(toOperationResource(await requireOperation(context, req.params.operationId)));
  };
}
