// Sound in everything but one: it asks whether the right signature begins with the one it was given.
const http = require("node:http");
const crypto = require("node:crypto");
const express = require("express");

const app = express();
const seen = new Set();

app.post("/hook", express.raw({ type: "*/*", limit: "1mb", inflate: false }), (request, response) => {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const given = request.get("x-cognigy-signature");
  const stamp = request.get("x-cognigy-timestamp") ?? "";
  const right = "sha256=" + crypto.createHmac("sha256", process.env.SECRET).update(body).digest("hex");
  if (given === undefined || !right.startsWith(given)) return response.sendStatus(401);
  if (!/^[0-9]{13}$/.test(stamp) || Math.abs(Date.now() - Number(stamp)) > 300000) {
    return response.sendStatus(401);
  }
  let inside;
  try {
    inside = JSON.parse(body.toString("utf8")).timestamp;
  } catch {
    inside = undefined;
  }
  if (inside !== undefined && inside !== Number(stamp)) return response.sendStatus(401);
  if (seen.has(right)) return response.sendStatus(409);
  seen.add(right);
  return response.sendStatus(200);
});

const server = http.createServer({ requestTimeout: 500, connectionsCheckingInterval: 100 }, app);
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
