import type { RequestHandler } from "express";
import helmet from "helmet";

const noStore: RequestHandler = (_req, res, next) => {
  res.setHeader("Cache-Control", "no-store");
  next();
};

/**
 * What every answer says: no browser runs, frames, guesses at or keeps it. `Strict-Transport-Security` is for who speaks TLS, which is the
 * proxy in front.
 */
export const safeHeaders: readonly RequestHandler[] = [
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { "default-src": ["'none'"], "frame-ancestors": ["'none'"] },
    },
    strictTransportSecurity: false,
    xFrameOptions: { action: "deny" },
  }),
  noStore,
];

/**
 * For pages: nothing from elsewhere but their own files, and the styles, images and fonts that they write into themselves. Bull Board would have fonts
 * from Google; it takes the browser's.
 */
export const pagePolicy: RequestHandler = helmet.contentSecurityPolicy({
  useDefaults: false,
  directives: {
    "default-src": ["'self'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'", "data:"],
    "base-uri": ["'self'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
  },
});
