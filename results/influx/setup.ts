import { HttpError, InfluxDB, RequestTimedOutError } from '@influxdata/influxdb-client';
import { BucketsAPI, DbrpsAPI, OrgsAPI } from '@influxdata/influxdb-client-apis';
import { BenchError, systemCode } from '../../core/errors.ts';
import { failed, needed, type Organisation, type SetupRequest, TIMEOUT_MS } from './setup-organisation.ts';
import { ensureTask } from './setup-task.ts';
import { ensureToken } from './setup-tokens.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
/**
 * Makes what is missing on the server: the two buckets, the task that keeps means of the samples, and in `tokenFolder` a
 * token that may only write and one that may only read. Doing it again changes nothing. Rejects with a BenchError.
 */
export async function setupInflux(
  setup: SetupRequest,
): Promise<{ readonly writerFile: string; readonly readerFile: string }> {
  const { org, bucket, rawBucket, retentionSeconds } = setup;
  checkNames(bucket, rawBucket);
  try {
    const server = new InfluxDB({ url: setup.url, token: setup.adminToken, timeout: TIMEOUT_MS });
    const orgID = (await new OrgsAPI(server).getOrgs({ org })).orgs?.find(({ name }) => name === org)?.id;
    if (orgID === undefined) {
      throw failed(
        'influx-no-organisation',
        `the token sees no organisation ${org}`,
        'give an all-access token of it with --admin-token-file',
      );
    }
    const rawId = await ensureBucket(setup, server, orgID, rawBucket, {
      given: retentionSeconds,
      ofNew: NEW_RAW_SECONDS,
    });
    const id = await ensureBucket(setup, server, orgID, bucket, { given: undefined, ofNew: 0 });
    const place = {
      server,
      orgID,
      buckets: new Map([
        [bucket, id],
        [rawBucket, rawId],
      ]),
    };
    await ensureMapping(setup, place);
    await ensureTask(setup, place);
    const writerFile = await ensureToken(setup, place, 'writer');
    const readerFile = await ensureToken(setup, place, 'reader');
    return { writerFile, readerFile };
  } catch (error) {
    throw explained(error, setup);
  }
}

function checkNames(bucket: string, rawBucket: string): void {
  if (bucket === rawBucket)
    throw failed('one-bucket', `both buckets are ${bucket}`, 'give the samples another --influx-raw-bucket');
  // InfluxQL takes what is before a slash for the database, and no mapping may have one.
  const odd = [bucket, rawBucket].find((name) => name.includes('/'));
  if (odd !== undefined)
    throw failed(
      'bucket-name',
      `bucket ${odd}: InfluxQL cannot read it`,
      'take a name without a slash for --influx-bucket and --influx-raw-bucket',
    );
}

/** Of samples, where nothing else is said. */
const NEW_RAW_SECONDS = 30 * DAY;

/** A bucket that is there keeps its retention unless one is given. */
async function ensureBucket(
  { say }: SetupRequest,
  server: InfluxDB,
  orgID: string,
  name: string,
  { given, ofNew }: { readonly given: number | undefined; readonly ofNew: number },
): Promise<string> {
  const api = new BucketsAPI(server);
  const wanted = given ?? ofNew;
  // Without this the server refuses a retention that is shorter than its present groups. Its own defaults.
  const group = wanted === 0 || wanted > 180 * DAY ? 7 * DAY : wanted < 2 * DAY ? HOUR : DAY;
  const retentionRules = [{ type: 'expire' as const, everySeconds: wanted, shardGroupDurationSeconds: group }];
  const known = await orNothing(api.getBuckets({ orgID, name }));
  const bucket = known?.buckets?.find((one) => one.name === name);
  if (bucket?.id === undefined) {
    const made = await api.postBuckets({ body: { orgID, name, retentionRules } });
    say(`bucket ${name}: made, keeps ${kept(wanted)}`);
    return needed(made.id, 'the identity of the new bucket');
  }
  const present = bucket.retentionRules[0]?.everySeconds ?? 0;
  if (given === undefined || present === given) {
    say(`bucket ${name}: is there, keeps ${kept(present)}`);
  } else {
    await api.patchBucketsID({ bucketID: bucket.id, body: { retentionRules } });
    say(`bucket ${name}: is there, kept ${kept(present)}, from now on ${kept(wanted)}`);
  }
  return bucket.id;
}

/** InfluxQL takes a bucket for a database of its name by itself, unless someone has mapped that name. */
async function ensureMapping({ org, say }: SetupRequest, { server, orgID, buckets }: Organisation): Promise<void> {
  const api = new DbrpsAPI(server);
  for (const [database, bucketID] of buckets) {
    const { content = [] } = await api.getDBRPs({ orgID, db: database });
    const present = content.find((one) => one.default) ?? content[0];
    if (present?.bucketID === bucketID) continue;
    if (present !== undefined) {
      throw failed(
        'influx-name-taken',
        `database ${database} of InfluxQL is mapped to another bucket than ${database}`,
        `delete the mapping (influx v1 dbrp delete --org ${org} --id ${present.id}), or choose another name for the bucket with --influx-bucket or --influx-raw-bucket`,
      );
    }
    await api.postDBRP({ body: { orgID, bucketID, database, retention_policy: 'autogen', default: true } });
    say(`bucket ${database}: made readable by InfluxQL`);
  }
}

async function orNothing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof HttpError && error.statusCode === 404) return undefined;
    throw error;
  }
}

function kept(seconds: number): string {
  if (seconds === 0) return 'for ever';
  return seconds % DAY === 0 ? `${seconds / DAY} d` : `${seconds / HOUR} h`;
}

/** A known failure of the server or of the way to it; anything else is passed on. The token is in none of the messages. */
function explained(error: unknown, { url, org, adminToken }: SetupRequest): unknown {
  if (error instanceof HttpError) {
    const { statusCode: status, message } = error;
    const said = `InfluxDB at ${url}: ${status} ${message.replaceAll(adminToken, '...').slice(0, 300)}`;
    if (status === 401)
      return failed(
        'influx-token-refused',
        said,
        'give an all-access token of the organisation with --admin-token-file',
        error,
      );
    if (status === 404)
      return failed('influx-no-organisation', said, `check the name of the organisation, --influx-org ${org}`, error);
    const hint =
      status === 403
        ? 'give an all-access token of the organisation with --admin-token-file'
        : 'change what the server does not take';
    return failed('influx-refused', said, hint, error);
  }
  if (!(error instanceof Error) || error instanceof BenchError) return error;
  const why = systemCode(error) ?? systemCode(error.cause);
  const slow = error instanceof RequestTimedOutError || error.name === 'TimeoutError';
  if (why === undefined && !slow) return error;
  const message = `InfluxDB at ${url} cannot be reached: ${why ?? `no answer within ${TIMEOUT_MS / 1000} s`}`;
  return failed('influx-unreachable', message, 'check the address, --influx-url, and that influxd runs there', error);
}
