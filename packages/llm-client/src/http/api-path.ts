/** The path of a request below the API version, without query: `/v1/models?x` and `/models` give `/models`. */
export function apiPathOf(url: string | undefined): string {
  const path = (url ?? '/').split('?', 1)[0] ?? '/';
  return path.replace(/^\/v1(?=\/|$)/, '');
}
