// The API of signup, as far as this application needs it.

// api returns a function that calls signup's API: a GET, or a POST if there is a body.
// The key needs the scopes read and check-password; it stays on this server.
export function api(url, key) {
  return async function call(path, body) {
    const response = await fetch(`${url}/api/v1${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(60_000), // longer than any wait that we ask for
    });
    if (!response.ok) throw await Refused.from(response);
    return response.json();
  };
}

// Refused is an answer that is no success. Its code is signup's, such as
// "wrong_password", or "" if the answer is not from signup but from a proxy.
export class Refused extends Error {
  static async from(response) {
    const problem = await response.json().catch(() => ({}));
    const refused = new Refused(`signup answered ${response.status} ${problem.code ?? ''}`);
    refused.code = problem.code ?? '';
    refused.retryAfter = response.headers.get('Retry-After');
    return refused;
  }
}
