// Who may be in. This is the application's own table of people: here a Map in a file,
// elsewhere a table of its database.
import { readFile, rename, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

export class Members {
  #call; // signup's API
  #file;
  #users = new Map(); // active users by id
  #cursor = null; // up to where the events are in #users; null before the first time
  #reading = Promise.resolve();

  static async open(call, file) {
    const members = new Members();
    members.#call = call;
    members.#file = file;
    try {
      const { users, cursor } = JSON.parse(await readFile(file, 'utf8'));
      members.#users = new Map(users.map((user) => [user.id, user]));
      members.#cursor = cursor;
    } catch (error) {
      if (error.code !== 'ENOENT') throw error; // the first start
    }
    return members;
  }

  get(id) {
    return this.#users.get(id);
  }

  // follow reads events for ever. signup holds each request until there is one, at most
  // for wait; pause is the time in milliseconds between two requests. If signup cannot
  // be reached, the list stays as it is.
  async follow(wait, pause) {
    for (;;) {
      try {
        await this.catchUp(wait);
        await sleep(pause);
      } catch (error) {
        console.error(`events: ${error.message}`);
        await sleep(1000);
      }
    }
  }

  // catchUp reads what has happened since the last time. One reads after the other,
  // so that the cursor never goes back.
  catchUp(wait = '0s') {
    this.#reading = this.#reading.catch(() => {}).then(() => this.#read(wait));
    return this.#reading;
  }

  async #read(wait) {
    if (this.#cursor === null) await this.#readAll();
    try {
      await this.#readEvents(wait);
    } catch (error) {
      if (error.code !== 'cursor_unknown') throw error;
      await this.#readAll(); // signup's database was replaced by a backup or another one
    }
  }

  // What happened to a user does not matter: the event has the user as of now, or none if
  // the user was removed. So it does no harm either if one comes twice.
  async #readEvents(wait) {
    const limit = 200;
    for (let full = true; full; wait = '0s') {
      const parameters = new URLSearchParams({ after: this.#cursor, limit, wait });
      const { events, next } = await this.#call(`/events?${parameters}`);
      for (const event of events) put(this.#users, event.user_id, event.user);
      await this.#save(next);
      full = events.length === limit;
    }
  }

  // #readAll reads all active users. What happens meanwhile comes after the cursor,
  // which is from before.
  async #readAll() {
    const { next } = await this.#call('/events?after=latest');
    const users = new Map();
    for (let before = 0; before !== null; ) {
      const page = await this.#call(`/users?status=active&limit=200&before=${before}`);
      for (const user of page.users) put(users, user.id, user);
      before = page.next;
    }
    this.#users = users;
    await this.#save(next);
  }

  // #save stores the users and the cursor together, all or nothing.
  async #save(cursor) {
    if (cursor === this.#cursor) return;
    const text = JSON.stringify({ users: [...this.#users.values()], cursor });
    await writeFile(`${this.#file}.new`, text, { mode: 0o600 });
    await rename(`${this.#file}.new`, this.#file);
    this.#cursor = cursor;
  }
}

// put keeps what the application needs of a user, if the user may be in.
function put(users, id, user) {
  if (user?.status !== 'active') {
    users.delete(id);
    return;
  }
  users.set(id, { id, name: user.name, username: user.username, role: user.role });
}
