import packageJson from '../package.json' with { type: 'json' };
import { commitFacts } from '../core/engine/environment.ts';

/** `hepbench 0.1.0 (commit 0123456789ab, with changes)`; says so where the commit is not known. */
export function versionText(): string {
  const { commit, uncommittedChanges } = commitFacts();
  if (commit === null) return `hepbench ${packageJson.version} (commit unknown: git does not tell it)`;
  return `hepbench ${packageJson.version} (commit ${commit.slice(0, 12)}${uncommittedChanges === true ? ', with changes' : ''})`;
}
