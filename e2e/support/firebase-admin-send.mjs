// Sends messages with firebase-admin itself: `{serviceAccount, messages}` on standard input, its results on standard output.
import { text } from "node:stream/consumers";
import { cert, initializeApp } from "firebase-admin/app";
import { getMessaging } from "firebase-admin/messaging";

const { serviceAccount, messages } = JSON.parse(await text(process.stdin));
const messaging = getMessaging(initializeApp({ credential: cert(serviceAccount) }));
const { responses } = await messaging.sendEach(messages);
process.stdout.write(
  JSON.stringify(responses.map(({ success, messageId, error }) => ({ success, messageId, code: error?.code }))),
);
process.exit(0);
