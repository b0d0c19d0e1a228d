// An application whose people sign up with signup. It checks their passwords over the
// API and keeps a list of who may be in, in step with signup's events.
//
//   SIGNUP_URL=https://signup.example.org SIGNUP_KEY=signup_... node server.js
//
// With SIGNUP_HOOK_SECRET=whsec_... it waits for web hooks at /hooks instead of asking for
// events all the time. MEMBERS_FILE is where the list is kept, PORT where it listens.
import { randomUUID } from 'node:crypto';
import express from 'express';
import { Webhook } from 'standardwebhooks';
import { Members } from './members.js';
import { api } from './signup.js';

const { SIGNUP_URL, SIGNUP_KEY, SIGNUP_HOOK_SECRET, MEMBERS_FILE = 'members.json', PORT = '3000' } = process.env;
const call = api(SIGNUP_URL, SIGNUP_KEY);
const members = await Members.open(call, MEMBERS_FILE);
const sessions = new Map(); // ids of members by the value of the cookie; gone after a restart

const app = express();
app.set('trust proxy', 'loopback'); // so that request.ip is the browser's

// memberOf returns who sends a request. A session ends when its member is gone.
function memberOf(request) {
  const cookie = /(?:^|; )session=([0-9a-f-]+)/.exec(request.headers.cookie ?? '')?.[1];
  const member = members.get(sessions.get(cookie));
  if (!member) sessions.delete(cookie);
  return member;
}

app.get('/', (request, response) => {
  const member = memberOf(request);
  if (!member) return response.status(401).type('text').send(`Log in, or sign up at ${SIGNUP_URL}\n`);
  response.type('text').send(`Hello ${member.username}\n`);
});

app.post('/log-in', express.urlencoded(), async (request, response) => {
  const { login = '', password = '' } = request.body ?? {};
  try {
    // client lets signup limit the attempts of one browser, too.
    const user = await call('/check-password', { login, password, client: request.ip });
    const session = randomUUID();
    sessions.set(session, user.id);
    response.cookie('session', session, { httpOnly: true, sameSite: 'lax', secure: request.secure });
    response.redirect(303, '/');
  } catch (error) {
    if (error.retryAfter) response.set('Retry-After', error.retryAfter);
    const status = { wrong_password: 403, invalid: 403, too_many_requests: 429 }[error.code] ?? 503;
    if (status === 503) console.error(`log-in: ${error.message}`);
    response.status(status).type('text').send('You could not be logged in.\n');
  }
});

// A hook only says that there is something new: the events are read in their order, so
// that a hook that is late, lost or comes twice does no harm. If that fails, the
// answer is 500 and the hook is sent again.
if (SIGNUP_HOOK_SECRET) {
  const hooks = new Webhook(SIGNUP_HOOK_SECRET);
  app.post('/hooks', express.raw({ type: 'application/json' }), async (request, response) => {
    try {
      hooks.verify(request.body, request.headers);
    } catch {
      return response.sendStatus(401);
    }
    await members.catchUp();
    response.sendStatus(204);
  });
}

const server = app.listen(Number(PORT), '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
// With hooks, asking once a minute makes up for those that were lost.
if (SIGNUP_HOOK_SECRET) await members.follow('0s', 60_000);
else await members.follow('30s', 0);
