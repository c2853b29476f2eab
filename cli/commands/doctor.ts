import { ExitCode } from '../../core/errors.ts';
import { cacheFolder } from '../../core/python/cache-folder.ts';
import { ensurePythonEnvironment } from '../../core/python/environment.ts';
import { checkMachine } from '../../core/python/machine.ts';
import { ignoredVariables } from '../../core/python/process.ts';
import { print, tell } from '../output.ts';

/** `bench doctor`: one line for each thing that a run needs; exit code 3 when one is missing. */
export async function doctorCommand(signal: AbortSignal): Promise<number> {
  const findings = await checkMachine({ cacheDir: cacheFolder() });
  for (const { name, ok, seen, hint } of findings) {
    print(`${ok ? 'ok     ' : 'MISSING'}  ${name}: ${seen}${ok ? '' : `\n         ${hint}`}\n`);
  }
  const ignored = ignoredVariables();
  if (ignored.length > 0) print(`note     set here and kept from what is measured: ${ignored.join(', ')}\n`);
  if (findings.some(({ ok }) => !ok)) return ExitCode.environment;
  const { key } = await ensurePythonEnvironment({
    cacheDir: cacheFolder(),
    signal,
    onProgress: (line) => tell(`${line}\n`),
  });
  print(`ok       Python environment: ${key}\n`);
  return ExitCode.good;
}
