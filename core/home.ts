import { homedir } from 'node:os';
import { noHome } from './errors.ts';

/** The home folder of the user. In a container an id may have none: `instead` is the option that names the folder which was sought there. */
export function homeFolder(instead: string): string {
  try {
    return homedir();
  } catch (error) {
    throw noHome(instead, error);
  }
}
