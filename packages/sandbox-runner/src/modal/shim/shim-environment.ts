/** What the SDK needs of the caller's environment; its tokens are told on standard input. */
const PASSED_ON = [
  ...['PATH', 'HOME', 'TMPDIR', 'LANG', 'TZ', 'SSL_CERT_FILE', 'SSL_CERT_DIR'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'],
  ...['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'],
  ...[
    'MODAL_CONFIG_PATH',
    'MODAL_PROFILE',
    'MODAL_ENVIRONMENT',
    'MODAL_SERVER_URL',
    'MODAL_DISABLE_API_PROXY',
  ],
] as const;

/** The whole environment of a shim whose modules are below `folder`. */
export function shimEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  folder: string,
): Record<string, string> {
  const passed = PASSED_ON.flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(passed), PYTHONPATH: folder };
}
