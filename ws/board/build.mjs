// Builds what the program embeds: `npm ci && npm run build`. The manifest that it leaves lets a Go test say, without node,
// that something was changed and not built.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import path from "node:path";

const here = path.dirname(fileURLToPath(import.meta.url));
process.chdir(here);
await rm("dist", { recursive: true, force: true });
await mkdir("dist");

// The oldest browsers that the scripts are made for: for the build, and for whoever has an older one.
const browsers = ["chrome100", "firefox104", "safari15.4"];
const browserNames = "Chrome and Edge 100, Firefox 104, Safari 15.4";
await build({
  entryPoints: ["page/board.js", "page/home.js", "page/pair.js", "page/pickup.js", "page/setup.js", "page/board.css", "page/pickup.css"],
  bundle: true, format: "esm", target: browsers, minify: true, legalComments: "none", charset: "utf8", outdir: "dist",
  conditions: ["production"],
});
// What has to run in any browser, and what runs without a page, are scripts of their own and no modules.
await build({
  entryPoints: ["page/start.js"], target: "es5", minify: true, charset: "utf8", outdir: "dist", define: { BROWSERS: JSON.stringify(browserNames) },
});
await build({ entryPoints: ["page/worker.js"], bundle: true, format: "iife", target: browsers, minify: true, charset: "utf8", outdir: "dist" });
await writeFile("dist/client.js", await oneFile("client/index.js"));
for (const file of ["page/board.html", "page/home.html", "page/pair.html", "page/pickup.html", "page/setup.html", "page/icon.svg"]) {
  await cp(file, path.join("dist", path.basename(file)));
}

// What is built in, and on which terms.
const terms = async (name, where) => {
  const is = JSON.parse(await readFile(`node_modules/${name}/package.json`, "utf8"));
  return `${where} ${is.name} ${is.version} (${is.license}):\n\n${await readFile(`node_modules/${name}/LICENSE`, "utf8")}`;
};
await writeFile("dist/LICENSES.txt", [await terms("lit-html", "board.js, home.js, pair.js, pickup.js and setup.js contain"), await terms("uqr", "home.js contains")].join("\n\n"));
// What tests need of npm, so that they run without it: axe-core, and a WebSocket for a node that has none (before 22).
await build({ entryPoints: ["node_modules/ws/index.js"], bundle: true, platform: "node", format: "cjs", target: "node18", minify: true,
  legalComments: "none", external: ["bufferutil", "utf-8-validate"], outfile: "testdata/ws.cjs" });
await cp("node_modules/ws/LICENSE", "testdata/ws.LICENSE");
await cp("node_modules/axe-core/axe.min.js", "testdata/axe.min.js");
await cp("node_modules/axe-core/LICENSE", "testdata/axe.LICENSE");

const hash = async (file) => createHash("sha256").update(await readFile(file)).digest("hex");
const files = async (dir, keep) => (await readdir(dir)).filter(keep).sort().map((f) => (dir === "." ? f : `${dir}/${f}`));
const sources = [
  "build.mjs", "package.json", "package-lock.json",
  ...(await files("client", (f) => !f.endsWith(".test.js"))),
  ...(await files("page", (f) => !f.endsWith(".test.js"))),
];
const built = await files("dist", () => true);
const manifest = {};
for (const file of [...sources, ...built]) manifest[file] = await hash(file);
await writeFile("dist/manifest.json", JSON.stringify(manifest, null, 2) + "\n");

/**
 * The client as one module that others can read: its parts one after the other, comments and types included, which a
 * bundler would drop. It understands imports of one line, and names that are different in all parts.
 */
async function oneFile(entry) {
  const index = await readFile(entry, "utf8");
  const offered = [...index.matchAll(/^export \{ (.*) \}/gm)].flatMap((m) => m[1].split(", "));
  const parts = new Map();
  const add = async (file) => {
    if (parts.has(file)) return;
    parts.set(file, "");
    const source = await readFile(file, "utf8");
    for (const [, from] of source.matchAll(/^(?:import|export) .* from "\.\/(.*)";$/gm)) await add(path.join(path.dirname(file), from));
    parts.delete(file);
    parts.set(file, source);
  };
  await add(entry);
  parts.delete(entry);
  const body = [...parts.values()].map((source) => source
    .replace(/^import .* from "\.\/.*";\n/gm, "")
    .replace(/^\/\*\* @typedef \{import\("\.\/.*\*\/\n/gm, "")
    .replace(/import\("\.\/\w+\.js"\)\./g, "")
    .replace(/^export (class|const|function) (\w+)/gm, (line, kind, name) => (offered.includes(name) ? line : `${kind} ${name}`))
    .trim());
  return index.replace(/^export .*\n/gm, "") + "\n" + body.join("\n\n") + "\n";
}
