// Handles the messages of the server.
import { KitchenError } from "./requests.js";
import { isOfSeen, withAlarm } from "./seen.js";

/** @typedef {import("./client.js").KitchenClient} Client */
/** @typedef {import("./connection.js").Connection} Socket */

/**
 * @param {Client} client
 * @param {Socket} connection
 * @param {any} m a message of the protocol; of an unknown type: from a newer server, and not for this client
 */
export function receive(client, connection, m) {
  if (m.server_time) client.serverClock.learn(Date.parse(m.server_time));
  if (typeof m.live === "boolean") connection.live = m.live;
  const { queue, requests } = client;
  switch (m.type) {
    case "initial_queue":
      if (!connection.queued) client.shown.send(connection);
      client.link.queued(connection);
      client.restaurant = m.restaurant;
      client.omitted = m.omitted ?? 0;
      client.emit("restaurant", m.restaurant);
      client.emit("change", queue.replace(m.orders));
      alarmed(client, m.alarms ?? [], true);
      break;
    case "alarm":
    case "alarm_over":
      alarmed(client, withAlarm(client.alarms, m), false);
      break;
    case "pickup_queue":
      client.link.queued(connection);
      queue.had = true;
      client.emit("pickup", m);
      break;
    case "heartbeat":
      client.omitted = m.omitted ?? 0;
      break;
    case "order_created":
    case "order_updated":
      changed(client, queue.fold(m.order, m.type === "order_created"), m.by);
      break;
    case "order_status_changed":
      changed(client, queue.move(m), m.by);
      break;
    case "order_deleted":
      changed(client, queue.remove(m.order_id, "deleted"), m.by);
      break;
    case "screens":
      client.screens = { stations: m.stations, all: m.all };
      client.emit("screens", client.screens);
      break;
    case "ack":
    case "recent_orders":
      requests.answer(m.request_id, m);
      break;
    case "authenticated":
      client.link.renewal.taken(connection, m.expires_at);
      client.emit("authenticated", { expires_at: m.expires_at });
      break;
    case "error":
      failed(client, connection, m);
  }
  client.report();
}

/**
 * @param {Client} client
 * @param {import("./seen.js").Alarm[]} alarms
 * @param {boolean} first they came with a whole queue
 */
function alarmed(client, alarms, first) {
  if (!alarms.length && !client.alarms.length) return;
  client.alarms = alarms;
  client.emit("alarms", { alarms, first });
}

/**
 * @param {Client} client
 * @param {Socket} connection
 * @param {any} m an error of the server
 */
function failed(client, connection, m) {
  const error = new KitchenError(m);
  if (isOfSeen(m.request_id)) {
    if (m.code !== "unknown_type") client.emit("problem", error); // a node from before sightings
    return;
  }
  if (client.shown.asked(m.request_id)) {
    if (m.code !== "unknown_type") client.emit("problem", error); // a node from before stations
    return;
  }
  const answered = m.request_id === undefined ? client.link.renewal.refused(connection, error) : client.requests.answer(m.request_id, error);
  if (!answered) client.emit("problem", error);
}

/**
 * @param {Client} client
 * @param {import("./queue.js").Change|null} change
 * @param {string} [by]
 */
function changed(client, change, by = "") {
  if (change) client.emit("change", { ...change, by });
}
