/** Calls `read` now, every `intervalSeconds`, and once more at the end; the result stops it. Readings never overlap. */
export function poll(intervalSeconds: number, read: () => Promise<void>): () => Promise<void> {
  const stopping = new AbortController();
  const loop = async () => {
    while (!stopping.signal.aborted) {
      await read();
      // Stopped during the reading: an aborted signal would not wake the pause.
      if (stopping.signal.aborted) break;
      await pause(intervalSeconds * 1000, stopping.signal);
    }
    await read();
  };
  const running = loop();
  // Whoever stops the poll gets the error; until then it must not count as unhandled.
  running.catch(() => {});
  return async () => {
    stopping.abort();
    await running;
  };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
