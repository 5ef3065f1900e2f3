import type { PushReply, PushSession, SessionEvents, Settle } from "../push-session.js";

/** A session in memory that answers when it is told to. */
export class FakeSession implements PushSession {
  state: PushSession["state"] = "open";
  waiting: Settle[] = [];
  readonly events: SessionEvents;
  readonly streams: number;

  constructor(events: SessionEvents, streams: number) {
    this.events = events;
    this.streams = streams;
  }

  get pending() {
    return this.waiting.length;
  }
  get freeStreams() {
    return this.state === "open" ? this.streams - this.waiting.length : 0;
  }
  send(_request: unknown, settle: Settle) {
    this.waiting.push(settle);
  }
  answerAll(reply: PushReply = { kind: "answered", status: 200, headers: {}, body: Buffer.alloc(0) }) {
    for (const settle of this.waiting.splice(0)) settle(reply);
    this.events.onChange();
  }
  drain() {
    this.state = "draining";
    this.events.onChange();
  }
  async close() {
    this.answerAll();
    this.destroy();
  }
  destroy() {
    this.state = "closed";
    this.events.onChange();
  }
}
