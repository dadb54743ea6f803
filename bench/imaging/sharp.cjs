// The process of sharp as a maker: reads a JSON order from each line of stdin, writes a JSON result to stdout.
const fs = require("node:fs");
const readline = require("node:readline");
const sharp = require("sharp");

sharp.cache(false);
const KERNEL = { width: 3, height: 3, kernel: [-2, -2, -2, -2, 32, -2, -2, -2, -2], scale: 16 };
const medium = (image) => image.convolve(KERNEL).jpeg({ quality: 85, progressive: true });
const thumb = (image) => image.convolve(KERNEL).jpeg({ quality: 75, progressive: true });
const wide = (path) => sharp(path).autoOrient().resize({ width: 1200, withoutEnlargement: true });

async function two(path) {
  const square = sharp(path).autoOrient().resize({ width: 200, height: 200, fit: "cover" });
  return [await medium(wide(path)).toBuffer(), await thumb(square).toBuffer()];
}

async function cascaded(path) {
  const { data, info } = await wide(path).raw().toBuffer({ resolveWithObject: true });
  const raw = { raw: { width: info.width, height: info.height, channels: info.channels } };
  const square = sharp(data, raw).resize({ width: 200, height: 200, fit: "cover" });
  return [await medium(sharp(data, raw)).toBuffer(), await thumb(square).toBuffer()];
}

const make = process.argv[2] === "sharp_two" ? two : cascaded;
const peak = () => Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync("/proc/self/status", "utf8"))[1]) / 1000;

async function work(order) {
  const queue = [...order.photos];
  let last = [];
  const worker = async () => { while (queue.length) last = await make(queue.shift()); };
  fs.writeFileSync("/proc/self/clear_refs", "5");
  const before = peak(), cpu = process.cpuUsage(), start = process.hrtime.bigint();
  await Promise.all(Array.from({ length: order.threads }, worker));
  const used = process.cpuUsage(cpu);
  if (order.out) { fs.writeFileSync(order.out + "-medium.jpg", last[0]); fs.writeFileSync(order.out + "-thumb.jpg", last[1]); }
  return { cpu: (used.user + used.system) / 1e6, wall: Number(process.hrtime.bigint() - start) / 1e9, peak_mb: peak() - before };
}

readline.createInterface({ input: process.stdin }).on("line", async (line) => {
  console.log(JSON.stringify(await work(JSON.parse(line))));
});
