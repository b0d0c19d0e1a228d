// Compiles the layout of letters to a Go html/template:
// node compile.mjs [OUTPUT]; without OUTPUT, letters/layout.html.
import { readFileSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import mjml2html from "mjml";

const source = new URL("../../letters/mjml/layout.mjml", import.meta.url);
const target = process.argv[2] ?? new URL("../../letters/layout.html", import.meta.url);

const mjml = readFileSync(source, "utf8");
const { html, errors } = await mjml2html(mjml, { validationLevel: "soft", keepComments: false, fonts: {} });
// A colour or an alignment that Go fills in is none to MJML.
const wrong = errors.filter((e) => !e.message.includes("{{"));
if (wrong.length > 0) {
  console.error(wrong.map((e) => e.formattedMessage).join("\n"));
  process.exit(1);
}

// html/template drops comments, and with them what Outlook reads: hand them
// over as values, but leave to Go what it fills in between.
const raw = (text) => (text === "" ? "" : "{{raw `" + text + "`}}");
const kept = html.replace(/<!--[\s\S]*?-->/g, (comment) =>
  comment.split(/(\{\{.*?\}\})/).map((part, i) => (i % 2 === 0 ? raw(part) : part)).join(""),
);

const lines = kept.split("\n").map((line) => line.trim()).filter((line) => line !== "");
const hash = createHash("sha256").update(mjml).digest("hex");
writeFileSync(target, "{{/* Made from mjml/layout.mjml by tools/mjml; do not edit. Source: sha256:" + hash + " */ -}}\n" + lines.join("\n") + "\n");
