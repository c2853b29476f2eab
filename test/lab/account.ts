import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { createServer, connect, type Server } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { waitFor } from '../system/harness.ts';

/** Commands of a user of a facility, and what they print. */
export interface Account {
  /** The home folder, as the user names it. */
  readonly home: string;
  /** The same folder from outside. */
  readonly folder: string;
  run(command: string, as?: As): Promise<{ readonly exitCode: number | undefined; readonly output: string }>;
  close(): void;
}

interface As {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
}

export const UID = 12_345;
const HOME = '/home/physicist';
const PATH = '/usr/local/bin:/usr/bin:/bin';

/**
 * The machine of the account: the system may only be read and holds nothing of root's, the only network is loopback, and of it one
 * port leads out. The folder for temporary files is small, and no program runs from it.
 */
const SETUP = `
set -eu
top=$1 outside=$2 port=$3 socket=$4 node=$5 path=$6
mount -t tmpfs -o mode=755 tmpfs "$top"
cd "$top"
mkdir -p proc dev sys tmp etc usr root run var .${HOME}
for name in bin sbin lib lib32 lib64 libx32; do
  [ ! -L /$name ] || cp -P /$name .
  [ -L /$name ] || [ ! -d /$name ] || { mkdir $name; mount --bind /$name $name; mount -o remount,bind,ro $name; }
done
for name in usr etc; do mount --bind /$name $name; mount -o remount,bind,ro $name; done
mount --rbind /sys sys
mount --rbind /dev dev
mount -t tmpfs -o mode=1777,size=64k tmpfs dev/shm
mount -t tmpfs -o mode=1777,size=4m,noexec tmpfs tmp
mount -t proc proc proc
mount --bind "$outside" .${HOME}
mount --bind "$outside/../passwd" etc/passwd
# What this machine tells its own users of mirrors.
for own in etc/pip.conf ".$(chroot . env -i "PATH=$path" npm config get globalconfig)"; do [ ! -e "$own" ] || mount --bind /dev/null "$own"; done
chmod 700 root
mount -o remount,ro "$top"
ip link set lo up
# From here on this process is the first of the machine, with which all others end.
exec "$node" -e '
  const net = require("net");
  net.createServer((one) => {
    const other = net.connect(process.argv[2]);
    for (const end of [one, other]) end.on("error", () => { one.destroy(); other.destroy(); });
    one.pipe(other).pipe(one);
  }).listen(Number(process.argv[1]), "127.0.0.1", () => console.log("ready"));
' "$port" "$socket"
`;

/** What README.md and docs/install.md ask for, and git. */
const NEEDED = `
for name in node npm git c++ python3; do command -v $name > /dev/null || { echo $name; exit 1; }; done
python3 -c 'import ensurepip, venv; ensurepip.version()'`;

/** Makes the machine in `folder`; `port` is the one of loopback that leads to the same port outside. Needs root. */
export async function openAccount(folder: string, port: number, quotaCores: number): Promise<Account> {
  if (process.getuid?.() !== 0) throw new Error('the machine of an account is made by root alone');
  const top = join(folder, 'top');
  const outside = join(folder, 'home');
  const socket = join(folder, 'mirror.socket');
  for (const path of [top, outside]) mkdirSync(path);
  execFileSync('chown', [`${UID}:${UID}`, outside]);
  writeFileSync(join(folder, 'passwd'), `root:x:0:0::/root:/bin/sh\nphysicist:x:${UID}:${UID}::${HOME}:/bin/bash\n`);
  const server = await bridge(socket, port);
  const group = quotaGroup(quotaCores);
  const kinds = ['--mount', '--net', '--pid', '--ipc', '--fork', '--kill-child', '--propagation', 'private'];
  const args = ['sh', '-c', SETUP, 'sh', top, outside, String(port), socket, process.execPath, PATH];
  // With this process it ends, too, however that ends.
  const machine = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', ...kinds, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [machine.stdout, machine.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  await waitFor('the machine of the account', () => said.includes('ready') || machine.exitCode !== null);
  if (machine.exitCode !== null) throw new Error(`the machine of the account could not be made: ${said}`);
  const first = childOf(machine);
  const account: Account = {
    home: HOME,
    folder: outside,
    run: async (command, { env = {}, cwd = HOME, uid = UID, gid = uid } = {}) => {
      const enter = ['nsenter', '-t', first, '-m', '-n', '-p', '-i', 'chroot', top];
      const user = ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--no-new-privs'];
      const all = { HOME, USER: 'physicist', PATH, LANG: 'C.UTF-8', ...env };
      const set = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
      const limited = ['-c', 'echo $$ > "$0/cgroup.procs"; exec "$@"', group];
      const shell = ['env', '-i', '-C', cwd, ...set, 'bash', '-c', command];
      const { exitCode, all: output } = await execa('sh', [...limited, ...enter, ...user, ...shell], {
        all: true,
        reject: false,
        stdin: 'ignore',
      });
      return { exitCode, output };
    },
    close: () => {
      process.kill(Number(first), 'SIGKILL');
      machine.once('exit', () => rmdirSync(group));
      server.close();
    },
  };
  const { exitCode, output } = await account.run(NEEDED);
  if (exitCode === 0) return account;
  account.close();
  throw new Error(`the system of this machine lacks what docs/install.md asks for, below /usr: ${output}`);
}

/** Unix sockets are reached from all networks. */
async function bridge(socket: string, port: number): Promise<Server> {
  const server = createServer((one) => {
    const other = connect(port, '127.0.0.1');
    for (const end of [one, other])
      end.on('error', () => {
        one.destroy();
        other.destroy();
      });
    one.pipe(other).pipe(one);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return server;
}

function childOf({ pid }: ChildProcess): string {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
}

/** A control group with a CPU quota. */
function quotaGroup(cores: number): string {
  const first = existsSync('/sys/fs/cgroup/cpu');
  const group = join(first ? '/sys/fs/cgroup/cpu' : '/sys/fs/cgroup', `hepbench-account-${process.pid}`);
  try {
    if (!first) writeFileSync('/sys/fs/cgroup/cgroup.subtree_control', '+cpu');
    mkdirSync(group);
    if (first) writeFileSync(join(group, 'cpu.cfs_quota_us'), String(cores * 100_000));
    else writeFileSync(join(group, 'cpu.max'), `${cores * 100_000} 100000`);
  } catch (error) {
    throw new Error(`no control group with a CPU quota can be made in ${group}`, { cause: error });
  }
  return group;
}
