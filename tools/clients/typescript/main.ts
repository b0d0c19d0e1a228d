// Talks to a running server with the client that openapi-typescript generates, as
// an administrator and as somebody who signs up. It exits with 1 at the first
// answer that is not as expected. The types are the point: tsc checks, strictly,
// that optional members may be left out and that no list can be null.
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

type User = components["schemas"]["User"];

declare const process: { argv: [string, string, string, string] };
const [, , server, key] = process.argv;
const people = createClient<paths>({ baseUrl: server });
const admin = createClient<paths>({ baseUrl: server, headers: { Authorization: `Bearer ${key}` } });

function expect(what: string, holds: boolean, answer: unknown): asserts holds {
  if (!holds) throw new Error(`${what}: ${JSON.stringify(answer)}`);
}

const settings = await people.GET("/api/v1/public/server_settings");
expect("public settings", settings.data?.sign_up_fields.length === 0, settings);

const form = { name: "Tess Script", username: "tess", email: "tess@example.org", password: "password" };
const weak = await people.POST("/api/v1/sign-up/request", { body: form });
expect("weak password", weak.error?.code === "invalid" && weak.error.errors?.[0]?.location === "body.password", weak);

const created = await people.POST("/api/v1/sign-up/request", {
  params: { query: { ticket: true } },
  body: { ...form, password: "Analytical-1" },
});
expect("sign up", created.data?.email_verification_required === true, created);

const ticket = await people.GET("/api/v1/sign-up/status", { headers: { Authorization: `Bearer ${created.data.ticket}` } });
expect("status", ticket.data?.status === "unconfirmed" && ticket.data.username === "tess", ticket);

const bad = await people.POST("/api/v1/sign-up/confirm", { body: { token: "no-such-token" } });
expect("unknown token", bad.error?.code === "token_unknown", bad);

const found = await admin.GET("/api/v1/users", { params: { query: { search: "tess" } } });
const user: User | undefined = found.data?.users[0];
expect("list users", user !== undefined && user.status === "unconfirmed", found);

const path = { id: user.id };
const verified = await admin.PUT("/api/v1/users/{id}/verify", { params: { path } });
expect("verify", verified.data?.status === "pending_approval", verified);
const rejected = await admin.PUT("/api/v1/users/{id}/reject", { params: { path }, body: { reason: "No" } });
expect("reject", rejected.data?.status === "rejected" && rejected.data.rejection_reason === "No", rejected);

const detail = await admin.GET("/api/v1/users/{id}", { params: { path } });
const kinds = detail.data?.mails.map((mail) => mail.kind) ?? [];
expect("get user", kinds.includes("rejected") && detail.data !== undefined && detail.data.audit.length > 0, detail);

const none = await admin.GET("/api/v1/users", { params: { query: { search: "nobody" } } });
expect("an empty list", none.data?.users.length === 0 && none.data.next === null, none);

const anonymous = await people.GET("/api/v1/users");
expect("without a key", anonymous.response.status === 401 && anonymous.error?.code === "unauthorized", anonymous);
