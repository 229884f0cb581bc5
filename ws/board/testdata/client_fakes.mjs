// What the tests of the client have in common: a clock and a socket that only the test moves, and a client on them.
import { KitchenClient } from "../client/index.js";

/** A clock that only the test moves; the device's date may be wrong, the server's is `server`. */
export class FakeClock {
  t = 0;
  wrong = 0; // milliseconds by which the device's date is wrong
  chance = 1;
  timers = [];
  now = () => this.t;
  date = () => START + this.t + this.wrong;
  random = () => this.chance;
  setTimeout = (f, ms) => {
    const timer = { f, at: this.t + Math.max(0, ms) };
    this.timers.push(timer);
    return timer;
  };
  clearTimeout = (timer) => {
    this.timers = this.timers.filter((x) => x !== timer);
  };
  /** Moves on, running what is due, in order, with promises resolved in between. */
  async advance(ms) {
    const end = this.t + ms;
    for (;;) {
      await flush();
      const next = this.timers.filter((x) => x.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.clearTimeout(next);
      this.t = Math.max(this.t, next.at);
      next.f();
    }
    this.t = end;
    await flush();
  }
}

export const START = Date.parse("2026-11-22T18:00:00Z");
export const flush = async () => {
  for (let i = 0; i < 10; i++) await null;
};

export let clock, sockets, client, log, asked;
/** What the page's callback gives, one after the other: a token, null, an Error to throw, or a promise. */
export let tokens;
export const give = (...list) => (tokens = list);

export class FakeSocket {
  readyState = 0;
  sent = [];
  closedByClient = false;
  constructor(url, protocols) {
    Object.assign(this, { url, protocols });
    sockets.push(this);
  }
  open() {
    this.readyState = 1;
  }
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.closedByClient = true;
  }
  say(message) {
    this.readyState = 1;
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  end(code, reason = "") {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }
}

export const last = () => sockets[sockets.length - 1];
const serverTime = () => new Date(START + clock.t).toISOString();
export const restaurant = { name: "Da Gino", timezone: "Europe/Rome", warn_after_s: 300, late_after_s: 600, recall_window_s: 3600, start_before_s: 3600 };

export function order(n, more = {}) {
  return {
    id: `order-${n}`, restaurant_id: "r", order_number: n, order_type: "dine_in", status: "pending", priority: 0, table: null,
    created_by: null, customer_name: "", notes: "", allergy_note: "", promised_at: null, recalled: false, version: 1,
    created_at: new Date(START + n * 1000).toISOString(), updated_at: new Date(START + n * 1000).toISOString(), items: [], ...more,
  };
}
export const queue = (...orders) => ({
  type: "initial_queue", restaurant_id: "r", restaurant, server_time: serverTime(), live: true, orders,
});
export const heartbeat = (live = true) => ({ type: "heartbeat", server_time: serverTime(), live });
export const jwt = (claims) => `x.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.y`;

/** Before each test: a new clock, and a client that has not been started. */
export function setUp() {
  clock = new FakeClock();
  sockets = [];
  log = [];
  asked = [];
  tokens = ["token-1"];
  client = new KitchenClient({
    restaurant: "r", url: "http://kitchen.test", socket: FakeSocket, clock,
    token: async (reason, refused) => {
      asked.push([reason, refused]);
      const next = tokens.shift() ?? null;
      if (next instanceof Error) throw next;
      return next;
    },
  });
  for (const name of ["change", "state", "refused", "authenticated", "problem", "screens"]) {
    client.addEventListener(name, (e) => log.push([name, e.detail]));
  }
}

export const states = () => log.filter(([name]) => name === "state").map(([, s]) => s.name);

/** Starts the client, and lets it have its first queue. */
export async function connected(...orders) {
  client.start();
  await flush();
  last().say(queue(...orders));
  return last();
}

/** Time goes by on a connection that is in order. */
export async function beating(s, ms) {
  for (let t = 0; t < ms; t += 5000) {
    await clock.advance(5000);
    s.say(heartbeat());
  }
}
