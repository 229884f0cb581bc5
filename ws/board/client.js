// The browser client, as an ES module. Served to pages as one file, /board/client.js, which is built from this.
export * from "./client/index.js";
