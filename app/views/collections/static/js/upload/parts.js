// Sends parts from the browser directly to an S3 store. Our server signs a URL for each part, bound to the part's MD5, so
// that the store rejects other bytes.

import { request, UploadError } from "./request.js"

const LANES = 3

// The store's CORS rules block browsers; a retry would not help.
export class StoreBlocked extends Error {}

export async function sendParts(file, upload, { pool, onProgress, signal }) {
  const sent = new Map(upload.parts.map(({ number, size }) => [number, size]))
  const report = () => onProgress([...sent.values()].reduce((sum, size) => sum + size, 0))
  const numbers = Array.from({ length: Math.ceil(file.size / upload.part_size) }, (_, index) => index + 1)
  const missing = numbers.filter((number) => !sent.has(number))
  const failed = new AbortController()
  const stop = AbortSignal.any([signal, failed.signal])
  let anySent = upload.parts.length > 0
  report()

  const lane = async () => {
    for (let number = missing.shift(); number; number = missing.shift()) {
      const blob = file.slice((number - 1) * upload.part_size, number * upload.part_size)
      const onPart = (bytes) => {
        sent.set(number, Math.min(bytes, blob.size))
        report()
      }
      await sendPart(blob, number, upload, { pool, anySent: () => anySent, signal: stop, onProgress: onPart })
      anySent = true
    }
  }
  try {
    await Promise.all(Array.from({ length: LANES }, lane))
  } catch (error) {
    failed.abort(error) // stop the other lanes
    throw error
  }
}

async function sendPart(blob, number, upload, { pool, anySent, signal, onProgress }) {
  const md5 = await pool.md5(blob, { signal })
  const { data } = await request("POST", `${upload.url}/parts`, { json: { parts: [{ number, md5 }] }, signal })
  try {
    await request("PUT", data.urls[number], { external: true, body: blob, headers: { "Content-MD5": md5 }, signal, onProgress })
  } catch (error) {
    onProgress(0)
    signal.throwIfAborted()
    throw await classify(error, upload, anySent())
  }
  onProgress(blob.size)
}

// CORS errors look like lost connections. It is CORS if our own server answers and no part was ever sent.
async function classify(error, upload, anySent) {
  if (!error.lost) return new UploadError(`The photo store refused part of this file (${error.status}).`, { temporary: true, status: error.status })
  if (anySent || !navigator.onLine) return error
  return request("GET", upload.url).then(
    () => new StoreBlocked(),
    () => error,
  )
}
