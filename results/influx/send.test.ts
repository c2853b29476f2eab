import { afterEach, expect, test } from 'vitest';
import { linesOf } from './lines.ts';
import { senderTo, TryLater } from './send.ts';
import { answer, type Script, serveScript } from './test/scripted-server.ts';

let close: () => void = () => {};
afterEach(() => close());

async function sending(script: Script, timeoutMs = 1000) {
  const server = await serveScript(script);
  close = () => server.close();
  const send = senderTo({ url: server.url, org: 'o', bucket: 'b', rawBucket: 'b', token: 'secret-token', timeoutMs });
  return { send, server };
}

const LINES = Array.from({ length: 100 }, (_, index) => `m f=${index} ${index}`);

/** Refuses a request with the line `bad` in it as the real server does: nothing of it is stored. */
const poisoned: Script = (request, response) =>
  answer(request.lines.includes('bad') ? 400 : 204, "unable to parse 'bad'")(request, response);

test('lines that are taken are sent, in one request, to their bucket', async () => {
  const { send, server } = await sending(answer(204));
  expect(await send('raw', linesOf(LINES))).toEqual({ sent: 100, tooOld: 0, setAside: [] });
  expect(server.requests).toEqual([{ bucket: 'raw', lines: LINES }]);
});

test('one malformed line is found and set aside, and all others are sent', async () => {
  const { send, server } = await sending(poisoned);
  const settled = await send('b', linesOf(LINES.toSpliced(37, 0, 'bad')));
  expect(settled).toMatchObject({ sent: 100, setAside: [{ lines: ['bad'], count: 1 }] });
  expect(settled.setAside[0]?.why).toContain("unable to parse 'bad'");
  expect(server.requests.length).toBeLessThan(20);
});

test('a request that is too large is sent in parts; a line that is too large alone is set aside', async () => {
  const { send } = await sending((request, response) =>
    answer(request.lines.length > 30 || request.lines.includes('huge') ? 413 : 204, 'too large')(request, response),
  );
  expect(await send('b', linesOf(LINES))).toEqual({ sent: 100, tooOld: 0, setAside: [] });
  expect(await send('b', linesOf(['huge']))).toMatchObject({
    sent: 0,
    setAside: [{ why: 'too large', lines: ['huge'] }],
  });
});

test('of a partial write the dropped lines are found, and the stored ones count as sent', async () => {
  const { send } = await sending((request, response) => {
    const bad = request.lines.filter((line) => line.startsWith('conflict')).length;
    answer(bad > 0 ? 422 : 204, `partial write: field type conflict dropped=${bad}`)(request, response);
  });
  const settled = await send('b', linesOf([...LINES, 'conflict 1', 'conflict 2']));
  expect(settled.sent).toBe(100);
  expect(settled.setAside.flatMap(({ lines }) => lines)).toEqual(['conflict 1', 'conflict 2']);
});

test('of many dropped lines the number is known, and all candidates are kept', async () => {
  const { send, server } = await sending(answer(422, 'partial write: field type conflict dropped=50'));
  expect(await send('b', linesOf(LINES))).toMatchObject({ sent: 50, setAside: [{ count: 50, lines: LINES }] });
  expect(server.requests.length).toBe(1);
});

test('samples beyond the retention of the bucket are counted apart', async () => {
  const { send } = await sending(answer(422, 'failure writing points: dropped 40 points outside retention policy'));
  expect(await send('b', linesOf(LINES))).toEqual({ sent: 60, tooOld: 40, setAside: [] });
});

test.each<[string, Script, number | undefined]>([
  ['too many requests, in seconds', answer(429, 'slow down', { 'retry-after': '2' }), 2000],
  ['unavailable, in seconds', answer(503, 'later', { 'retry-after': '30' }), 30_000],
  ['unavailable without a time', answer(503, 'later'), undefined],
  ['a time in the past', answer(503, 'later', { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }), 0],
  ['a token that is not accepted', answer(401, 'unauthorized access'), undefined],
  ['a bucket that is not there', answer(404, 'bucket "b" not found'), undefined],
  ['a write cache that is full', answer(500, 'cache-max-memory-size exceeded'), undefined],
  ['a redirection', answer(302, '', { location: '/elsewhere' }), undefined],
])('nothing is settled by %s', async (_, script, retryAfterMs) => {
  const { send } = await sending(script);
  const failure = await send('b', linesOf(LINES)).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(TryLater);
  expect(failure).toMatchObject({ retryAfterMs });
  expect(String(failure)).not.toContain('secret-token');
});

test('a proxy that answers 400 with a page sets nothing aside', async () => {
  const { send } = await sending((_request, response) => {
    response.writeHead(400, { 'content-type': 'text/html' }).end('<h1>Bad Request</h1>');
  });
  await expect(send('b', linesOf(LINES))).rejects.toThrow(TryLater);
});

test('a connection that hangs is given up after the time-out', async () => {
  const { send } = await sending(() => {}, 100);
  await expect(send('b', linesOf(LINES))).rejects.toThrow(TryLater);
});

test('an answer that breaks off settles nothing', async () => {
  const { send } = await sending((_request, response) => {
    response.writeHead(500, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{"code"');
    setTimeout(() => response.destroy(), 20);
  });
  await expect(send('b', linesOf(LINES))).rejects.toThrow(TryLater);
});

test('a server that is not there settles nothing, and its address is in the message', async () => {
  const { send, server } = await sending(answer(204));
  server.close();
  await expect(send('b', linesOf(LINES))).rejects.toThrow(/ECONNREFUSED/);
});
