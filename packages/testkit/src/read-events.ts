/** One server-sent event of the API. */
export interface SeenEvent {
  id: string | undefined;
  event: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: what it is is what the tests check
  data: any;
}

/**
 * The events of a `text/event-stream` as they come, until it ends. Only what the API sends: a field a line, LF at its end
 * (the libraries for it publish their TypeScript under the condition that the tests resolve workspaces with).
 */
export async function* readEvents(res: Response): AsyncGenerator<SeenEvent> {
  if (!res.body) return;
  let text = "";
  for await (const chunk of res.body.pipeThrough(new TextDecoderStream())) {
    const blocks = (text + chunk).split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const fields = new Map(block.split("\n").map((line) => splitOnce(line)));
      const data = fields.get("data");
      if (data !== undefined) yield { id: fields.get("id"), event: fields.get("event"), data: JSON.parse(data) };
    }
  }
}

function splitOnce(line: string): [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon), line.slice(colon + 1).trimStart()];
}
