// The README's five-minute start, done as it stands there: the client packed and installed into an empty project, the files
// taken from the README, Vite started, and a tea ordered with the server there, gone, and back.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const web = resolve(fileURLToPath(import.meta.url), '../..');
const program = process.env.OUTPOST_BIN ?? resolve(web, '../build/outpost');
const project = mkdtempSync(join(tmpdir(), 'outpost-start-'));
const vite = JSON.parse(readFileSync(join(web, 'package.json'), 'utf8')).devDependencies.vite;
const startMs = 60_000;
const running = [];

const npm = (...args) => execFileSync('npm', args, { cwd: project, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

function freePort() {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

function start(command, args, sign) {
  const child = spawn(command, args, { cwd: project, stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, NO_COLOR: '1' } });
  running.push(child);
  return new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new Error(`${command} did not start`)), startMs);
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = sign.exec(line);
      if (found === null) return;
      clearTimeout(timer);
      done({ child, address: found[1] });
    });
    child.once('exit', (code) => fail(new Error(`${command} ended with ${code}`)));
  });
}

async function kill(child) {
  const gone = new Promise((done) => child.once('exit', done));
  child.kill('SIGKILL');
  await gone;
}

// `name` on a line of its own, then a fenced block: the file's content.
function writeFiles(readme, serverUrl) {
  const files = [...readme.matchAll(/^`([\w.]+)`\n\n```\w+\n(.*?)^```$/gms)];
  for (const [, name, content] of files) writeFileSync(join(project, name), content.replace('http://127.0.0.1:8080', serverUrl));
  return files.map(([, name]) => name);
}

async function orderTea(page, lines) {
  const count = lines.length;
  await page.click('#order');
  await page.waitForFunction((wanted) => {
    const shown = [...document.querySelectorAll('#orders li')].map((line) => line.textContent.replace(/^.*: /, ''));
    return JSON.stringify(shown.sort()) === JSON.stringify(wanted.sort());
  }, lines, { timeout: 30_000 });
  console.log(`${count} on the page: ${lines.join(', ')}`);
}

async function play(address, serve) {
  const browser = await chromium.launch({ executablePath: process.env.OUTPOST_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const page = await browser.newPage();
    await page.goto(address);
    await page.waitForFunction(() => document.querySelector('#status').textContent.startsWith('connected'), undefined, { timeout: 60_000 });
    await orderTea(page, ['synced']);
    await kill(serve.child);
    await orderTea(page, ['synced', 'not synced']);
    await page.reload();
    await page.waitForFunction(() => document.querySelectorAll('#orders li').length === 2, undefined, { timeout: 30_000 });
    await start(...serve.command);
    await page.waitForFunction(() => !document.querySelector('#orders').textContent.includes('not'), undefined, { timeout: 30_000 });
    console.log('2 on the page: both synced');
  } finally {
    await browser.close();
  }
}

async function main() {
  npm('init', '-y');
  const [packed] = JSON.parse(execFileSync('npm', ['pack', '--json', '--pack-destination', project], { cwd: join(web, 'client'), encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  npm('install', '--prefer-offline', '--no-audit', '--no-fund', `./${packed.filename}`);
  npm('install', '--prefer-offline', '--no-audit', '--no-fund', '--save-dev', `vite@${vite}`);
  const port = await freePort();
  const serveUrl = `http://127.0.0.1:${port}`;
  const command = [program, ['serve', '--demo', '--data', join(project, 'data'), '--listen', `127.0.0.1:${port}`], /^listening on (\S+)/];
  const { child } = await start(...command);
  const files = writeFiles(readFileSync(join(web, 'client/README.md'), 'utf8'), serveUrl);
  if (files.length !== 3) throw new Error(`the README names ${files.join(', ')}`);
  const vitePort = await freePort();
  const dev = await start('node', ['node_modules/vite/bin/vite.js', '--port', String(vitePort), '--host', '127.0.0.1'], /(http:\/\/127\.0\.0\.1:\d+)/);
  await play(`${dev.address}/`, { child, command });
  npm('exec', 'vite', 'build');
  const built = readdirSync(join(project, 'dist/assets'));
  for (const wanted of [/^main-.*\.js$/, /^outpost-.*\.wasm$/]) {
    if (!built.some((file) => wanted.test(file))) throw new Error(`the build has no ${wanted}: ${built.join(', ')}`);
  }
  console.log(`as the README says: ${files.join(', ')}; and it builds`);
}

try {
  await main();
} finally {
  for (const child of running) child.kill('SIGKILL');
  rmSync(project, { recursive: true, force: true });
}
