/** The beginning of what a server or a proxy says, on one line. */
export function oneLine(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ').slice(0, 200);
}
