import { readFileSync, writeFileSync } from 'node:fs';
import { type Document, isMap, isScalar, LineCounter, parseDocument, stringify, visit } from 'yaml';
import { z } from 'zod';
import type { RawOptions } from '../../core/config/run-config.ts';
import { BenchError, configFileWrong, systemCode } from '../../core/errors.ts';
import { nearest } from './names.ts';
import { FILE_OPTIONS, type FileOption } from './table.ts';

/** The options of a file by the names that commander gives them. */
export interface ConfigFile {
  readonly options: RawOptions;
  /** An error about an option of the file that `counts`, with its place there; others stay as they are. `counts` is asked by the option's key. */
  readonly located: (error: BenchError, counts: (key: string) => boolean) => BenchError;
}

const Scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const Value = z.union([Scalar.transform((one) => [one]), z.array(Scalar).min(1)]);
const VALID = {
  switch: 'true or false',
  map: 'a map of names to values or lists of them',
  value: 'a value or a list of values',
} as const;

/** Reads the options of `--config`; what is wrong in the file is told with its line and column. */
export function readConfigFile(path: string): ConfigFile {
  const lines = new LineCounter();
  const placeOf = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  const document = parseDocument(textOf(path), { lineCounter: lines });
  const [problem] = document.errors;
  if (problem) {
    const [words = ''] = problem.message.split(/ at line|\n/);
    const what = problem.code === 'MULTIPLE_DOCS' ? 'a second document begins here' : words;
    throw configFileWrong(placeOf(problem.pos[0]), what, 'correct it there; docs/options.md has an example');
  }
  if (document.contents !== null && !isMap(document.contents))
    throw configFileWrong(path, 'holds no options', 'write one option in each line, such as workers: 1,2');
  // Numbers as they stand there, as on a command line: a site 007 is not 7.
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value === 'number' && node.source !== undefined) node.value = node.source;
    },
  });
  const options: { [name: string]: RawOptions[string] } = {};
  const places = new Map<string, string>();
  for (const { key, value } of document.contents?.items ?? []) {
    const name = isScalar(key) ? String(key.value) : '';
    const place = placeOf(isScalar(key) ? (key.range?.[0] ?? 0) : 0);
    const option = FILE_OPTIONS.find((one) => one.name === name);
    if (!option) throw unknownOption(place, name);
    options[option.key] = valueOf(option, plainOf(value, document, place), place);
    places.set(option.name, place);
    for (const inner of isMap(value) ? value.items : [])
      if (isScalar(inner.key))
        places.set(`${option.name} ${String(inner.key.value)}`, placeOf(inner.key.range?.[0] ?? 0));
  }
  return { options, located: (error, counts) => located(error, places, counts) };
}

/** The value of a node; an alias may name nothing, or far too much. */
function plainOf(node: unknown, document: Document, place: string): unknown {
  try {
    return document.createNode(node).toJS(document);
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw configFileWrong(place, error.message, 'correct the anchor or the alias there');
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw configFileWrong(
      path,
      `cannot be read: ${systemCode(error) ?? String(error)}`,
      'name another file with --config',
    );
  }
}

function unknownOption(place: string, name: string): BenchError {
  const names = FILE_OPTIONS.map((option) => option.name);
  const declined = name.replace(/^no-/, '');
  if (declined !== name && names.includes(declined))
    return configFileWrong(place, `${JSON.stringify(name)} is no option`, `write ${declined}: false`);
  const [near] = nearest(name, names);
  const hint = near === undefined ? 'docs/options.md lists all of them' : `write ${near}, or see docs/options.md`;
  return configFileWrong(place, `${JSON.stringify(name)} is no option`, hint);
}

/** What the command line would have given. */
function valueOf({ name, kind }: FileOption, value: unknown, place: string): RawOptions[string] {
  const wrong = configFileWrong(place, `${name}: ${JSON.stringify(value)} is not valid`, `give ${VALID[kind]}`);
  if (kind === 'switch') {
    if (typeof value !== 'boolean') throw wrong;
    return value;
  }
  if (kind === 'map') {
    const map = z.record(z.string(), Value).safeParse(value);
    if (!map.success) throw wrong;
    return Object.entries(map.data).map(([key, values]) => `${key}=${values.join('/')}`);
  }
  const values = Value.safeParse(value);
  if (!values.success) throw wrong;
  return values.data.join(',');
}

function located(error: BenchError, places: ReadonlyMap<string, string>, counts: (key: string) => boolean): BenchError {
  const about = subjectOf(error);
  const place = about && (places.get(`${about.option.name} ${about.inner}`) ?? places.get(about.option.name));
  if (!about || place === undefined || !counts(about.option.key)) return error;
  return renamed(error, about.flag, about.flag === '' ? `${place}: ` : `${place}: ${about.flag.slice(2)}`);
}

interface About {
  readonly option: FileOption;
  /** The words that the error begins with; none where it says that there is no such name. */
  readonly flag: string;
  /** The parameter of the suite that it is about. */
  readonly inner: string | undefined;
}

/** The option that an error is about, by how such errors begin: `--param kind: "x" is not valid`, `there is no parameter "x"`. */
function subjectOf({ message }: BenchError): About | undefined {
  const [, kind = '', name] = /^there is no (\w+) "([^"]*)"/.exec(message) ?? [];
  const [flag = '', inner] = /^--[\w-]+(?: ([\w-]+):)?/.exec(message) ?? [];
  const wanted = kind === '' ? flag.split(' ')[0] : `--${kind === 'parameter' ? 'param' : kind}`;
  const option = FILE_OPTIONS.find((one) => one.flag.split(' ')[0] === wanted);
  return option && { option, flag: kind === '' ? (wanted ?? '') : '', inner: kind === '' ? inner : name };
}

function renamed({ code, hint, exitCode, message }: BenchError, flag: string, name: string): BenchError {
  return new BenchError({ code, hint, exitCode, message: `${name}${message.slice(flag.length)}` });
}

/** An error about an option that the environment gave, with the name of its variable; `isFromEnvironment` is asked by the option's key. */
export function namedByEnvironment(error: BenchError, isFromEnvironment: (key: string) => boolean): BenchError {
  const about = subjectOf(error);
  if (!about || !isFromEnvironment(about.option.key)) return error;
  return renamed(error, about.flag, about.flag === '' ? `${about.option.env}: ` : about.option.env);
}

/** Writes options as a file for `--config`. One that is there already is somebody's work and stays. */
export function writeConfigFile(path: string, options: RawOptions): void {
  const lines = FILE_OPTIONS.flatMap(({ name, key, kind }): [string, unknown][] => {
    const value = options[key];
    if (value === undefined) return [];
    if (kind === 'map' && Array.isArray(value)) return [[name, mapOf(value)]];
    return [[name, typeof value === 'string' && String(Number(value)) === value ? Number(value) : value]];
  });
  try {
    writeFileSync(path, stringify(Object.fromEntries(lines)), { flag: 'wx' });
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw configFileWrong(
      path,
      code === 'EEXIST' ? 'is there already' : `cannot be written: ${code}`,
      'name another file with --write',
    );
  }
}

/** Values by name; a name that is given several times has all of its values. */
function mapOf(pairs: readonly string[]): { readonly [name: string]: string } {
  const named = pairs.map((pair) => {
    const [name = '', ...rest] = pair.split('=');
    return { name, value: rest.join('=') };
  });
  const groups = Map.groupBy(named, ({ name }) => name);
  return Object.fromEntries([...groups].map(([name, group]) => [name, group.map(({ value }) => value).join('/')]));
}
