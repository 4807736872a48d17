// What the page does beside textual-serve's script, which draws the terminal.
"use strict";

// The cookie has the token now; the address, which people copy and record, need not.
history.replaceState(null, "", "/");

// The script sends whenever something happens, also while the socket opens, which fails in the
// browser and loses the key, and after it has closed, which is of no use.
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (data) {
  if (this.readyState === WebSocket.CONNECTING) {
    this.addEventListener("open", () => send.call(this, data), { once: true });
  } else if (this.readyState === WebSocket.OPEN) {
    send.call(this, data);
  }
};

document.addEventListener("DOMContentLoaded", () => {
  const body = document.body;
  const restart = document.querySelector("#ended button");
  document.getElementById("terminal").dataset.sessionWebsocketUrl =
    location.origin.replace(/^http/, "ws") + "/ws";
  restart.addEventListener("click", () => location.reload());
  new MutationObserver(() => {
    if (body.classList.contains("-closed")) restart.focus();
  }).observe(body, { attributeFilter: ["class"] });
});

// After the script's own work at this event: what is typed goes to the console without a click.
window.addEventListener("load", () => {
  setTimeout(() => document.querySelector(".xterm-helper-textarea")?.focus(), 0);
});
