// What `npm run bench` starts, with whatever Node is on PATH: a Node that cannot run the program is told what to do, instead of ending in a
// stack trace. Plain JavaScript, as an old Node reads no TypeScript.
const NEEDED = 24;
const INSTALL = 'run npm ci, which installs it, and start bench with npm run bench';

async function start() {
  // In PATH a colon ends a name, in the address of a module a backslash is none.
  const [odd] = /[:\\]/.exec(__dirname) ?? [];
  if (odd !== undefined) {
    explain(`the checkout ${JSON.stringify(__dirname)} holds ${JSON.stringify(odd)}`, 'move it to a folder without it');
    return;
  }
  const [major] = process.versions.node.split('.');
  if (Number(major) < NEEDED) {
    explain(`Node ${process.versions.node} cannot run it, ${NEEDED} or later is needed`, INSTALL);
    return;
  }
  try {
    await import('./program.ts');
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    explain(error.message.split('\n')[0], INSTALL);
  }
}

function explain(problem, hint) {
  process.stderr.write(`bench: ${problem}\n  ${hint}\n`);
  process.exitCode = 3;
}

void start();
