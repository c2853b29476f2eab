import { existsSync } from 'node:fs';
import { execa } from 'execa';
import { pythonSetupFailed } from '../errors.ts';
import { passedVariables } from './process.ts';

/** How this site reaches packages; whatever else is configured for pip and uv would change what is installed, or where. */
export interface Installer {
  /** Variables of the processes of pip and uv. Addresses are in here, as they may hold a password. */
  readonly env: NodeJS.ProcessEnv;
  /** Options for both. */
  readonly options: readonly string[];
}

/** Where Debian and Red Hat keep the certificate authorities of the machine; the installers have lists of their own. */
const SYSTEM_CERTIFICATES = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt'];
/** Proxies, what is remembered of passwords, and folders of what was downloaded before. */
const NETWORK =
  /^(https?_proxy|all_proxy|no_proxy|netrc|xdg_cache_home|pip_cache_dir|pip_(default_)?timeout|pip_retries|uv_cache_dir|uv_http_timeout|uv_concurrent_\w+)$/i;

/** The settings of the caller for `python`, an interpreter with pip: its variables and its files. Throws when pip cannot read them. */
export async function installerOf(python: string, env: NodeJS.ProcessEnv): Promise<Installer> {
  const list = ['-I', '-m', 'pip', 'config', 'list'];
  const listed = await execa(python, list, { env, extendEnv: false, reject: false });
  if (listed.failed) throw pythonSetupFailed('pip config list', listed.stderr, listed);
  return settingsOf(
    pipSettings(listed.stdout),
    env,
    SYSTEM_CERTIFICATES.find((path) => existsSync(path)),
  );
}

/** What `pip config list` printed, by name. */
export function pipSettings(listed: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  // The strongest last.
  for (const section of ['global', 'install', ':env:']) {
    for (const line of listed.split('\n')) {
      const [, at, name = '', quoted = ''] = /^(global|install|:env:)\.([\w-]+)=(.*)$/.exec(line) ?? [];
      // A list of several lines is printed as Python writes it.
      if (at === section)
        settings.set(
          name,
          quoted
            .slice(1, -1)
            .replaceAll(String.raw`\n`, ' ')
            .trim(),
        );
    }
  }
  return settings;
}

/** The same settings for pip and for uv; of the two the variables of uv say more about uv. */
export function settingsOf(
  pip: ReadonlyMap<string, string>,
  env: NodeJS.ProcessEnv,
  systemCertificates: string | undefined,
): Installer {
  const setting = (name: string) => pip.get(name) || undefined;
  const certificates =
    env['SSL_CERT_FILE'] || setting('cert') || env['REQUESTS_CA_BUNDLE'] || env['CURL_CA_BUNDLE'] || systemCertificates;
  const proxy = setting('proxy');
  const offline = ['1', 'true', 'yes', 'on'].includes((setting('no-index') ?? '').toLowerCase());
  const variables: NodeJS.ProcessEnv = {
    PIP_CONFIG_FILE: '/dev/null',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    PIP_INDEX_URL: setting('index-url'),
    PIP_EXTRA_INDEX_URL: setting('extra-index-url'),
    PIP_FIND_LINKS: setting('find-links'),
    PIP_TRUSTED_HOST: setting('trusted-host'),
    PIP_CLIENT_CERT: setting('client-cert'),
    PIP_PROXY: proxy,
    PIP_CERT: certificates,
    UV_NO_CONFIG: '1',
    UV_DEFAULT_INDEX: env['UV_DEFAULT_INDEX'] || env['UV_INDEX_URL'] || setting('index-url'),
    UV_INDEX: env['UV_INDEX'] || env['UV_EXTRA_INDEX_URL'] || setting('extra-index-url'),
    // Every file is held against its hash: whichever index has it may give it.
    UV_INDEX_STRATEGY: 'unsafe-best-match',
    UV_FIND_LINKS: env['UV_FIND_LINKS'] || setting('find-links')?.split(/\s+/).join(','),
    UV_INSECURE_HOST: env['UV_INSECURE_HOST'] || setting('trusted-host'),
    SSL_CERT_FILE: certificates,
    SSL_CLIENT_CERT: env['SSL_CLIENT_CERT'] || setting('client-cert'),
    ...(proxy && { HTTPS_PROXY: proxy, HTTP_PROXY: proxy }),
  };
  return {
    env: {
      ...passedVariables(env),
      HOME: env['HOME'],
      ...Object.fromEntries(Object.entries(env).filter(([name]) => NETWORK.test(name))),
      ...Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined)),
    },
    options: offline ? ['--no-index'] : [],
  };
}
