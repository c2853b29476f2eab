import { collectors } from '../../collectors/index.ts';
import { ExitCode } from '../../core/errors.ts';
import { dashboards } from '../../dashboards/index.ts';
import { experimentFolders } from '../../results/store/folder.ts';
import { runners } from '../../runners/index.ts';
import { suites } from '../../suites/index.ts';
import { pick } from '../options/names.ts';
import { suiteOf } from '../prepare/data.ts';
import { studies } from '../studies.ts';
import { print, printable } from '../output.ts';

interface Member {
  readonly name: string;
  readonly summary: string;
}

/** `bench list`: the members of each family, and the experiments that there are. */
export async function listCommand(what: string | undefined, results: string): Promise<number> {
  const families: readonly { readonly name: string; readonly members: () => Promise<readonly Member[]> }[] = [
    { name: 'suites', members: async () => await describeSuites() },
    { name: 'runners', members: async () => runners },
    { name: 'collectors', members: async () => collectors },
    { name: 'dashboards', members: async () => dashboards },
    {
      name: 'experiments',
      members: async () => experimentFolders(results).map((name) => ({ name: printable(name), summary: '' })),
    },
  ];
  for (const { name, members } of what === undefined ? families : [pick('family', families, what)]) {
    const found = await members();
    const width = Math.max(0, ...found.map((member) => member.name.length));
    print(
      `${name}\n${found.map((member) => `  ${member.name.padEnd(width)}  ${member.summary}`.trimEnd()).join('\n') || '  none'}\n`,
    );
  }
  return ExitCode.good;
}

async function describeSuites(): Promise<Member[]> {
  const members: Member[] = [];
  for (const { name, summary } of [...suites, ...studies]) {
    const suite = await suiteOf(name);
    members.push({ name, summary: `${summary} (${suite.backends.join(', ')})` });
    for (const parameter of suite.parameters) {
      members.push({
        name: `  --param ${parameter.name}=${parameter.default}`,
        summary: `${parameter.summary}: ${parameter.values}`,
      });
    }
  }
  return members;
}
