/** Whether a text has any Liquid in it. One that has none is sent as it is, and costs nothing per recipient. */
export function isTemplate(text: string): boolean {
  return text.includes("{{") || text.includes("{%");
}
