// A receiver of web hooks that verifies them by the reference library of Standard
// Webhooks. It prints its URL, reads a secret from each line of the standard input,
// and then prints what it verified with the last one: a line of JSON a request.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { Webhook } from "standardwebhooks";

let webhook;
createInterface({ input: process.stdin }).on("line", (secret) => {
  webhook = new Webhook(secret);
  console.log("ready");
});

const server = createServer((request, response) => {
  let body = "";
  request.on("data", (part) => (body += part));
  request.on("end", () => {
    try {
      const message = webhook.verify(body, request.headers);
      console.log(JSON.stringify(message));
      response.writeHead(204).end();
    } catch (error) {
      console.log(JSON.stringify({ refused: error.message }));
      response.writeHead(401).end();
    }
  });
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
