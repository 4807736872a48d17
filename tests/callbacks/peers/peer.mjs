// Signs and verifies with the libraries of others. One JSON object a line in, one a line out.
import { createInterface } from "node:readline";
import { sign, verify } from "@octokit/webhooks-methods";
import { Webhook } from "standardwebhooks";

const deeds = {
  "octokit sign": async ({ secret, body }) => sign(secret, body),
  "octokit verify": async ({ secret, body, signature }) => verify(secret, body, signature),
  "standardwebhooks sign": async ({ secret, body, id, seconds }) =>
    new Webhook(secret).sign(id, new Date(seconds * 1000), body),
  "standardwebhooks verify": async ({ secret, body, headers }) => {
    try {
      new Webhook(secret).verify(body, headers);
      return true;
    } catch (error) {
      if (error.name !== "WebhookVerificationError" && error.message !== "No matching signature found")
        throw error;
      return false;
    }
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { deed, ...given } = JSON.parse(line);
  console.log(JSON.stringify(await deeds[deed](given)));
}
