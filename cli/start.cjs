// What `npm run bench` starts, with whatever Node is on PATH: a Node that cannot run the program is told what to do, instead of ending in a
// stack trace. Plain JavaScript, as an old Node reads no TypeScript.
const NEEDED = 24;

async function start() {
  const [major] = process.versions.node.split('.');
  if (Number(major) < NEEDED) {
    explain(`Node ${process.versions.node} cannot run it, ${NEEDED} or later is needed`);
    return;
  }
  try {
    await import('./program.ts');
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    explain(error.message.split('\n')[0]);
  }
}

function explain(problem) {
  process.stderr.write(`bench: ${problem}\n  run npm ci, which installs it, and start bench with npm run bench\n`);
  process.exitCode = 3;
}

void start();
